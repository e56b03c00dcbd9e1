// A report: the result page, alone in a file.

import { queryOf } from "./view_address.js";
import { showResult } from "./result.js";

const theme = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
document.documentElement.dataset.theme = theme();
const shown = await showResult(document.getElementById("main"), document.documentElement.dataset.run, queryOf(location.hash));
addEventListener("hashchange", () => shown.follow(queryOf(location.hash)));
