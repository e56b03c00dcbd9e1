// A report: the result page, alone in a file.

import { showResult } from "./result.js";

const theme = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
document.documentElement.dataset.theme = theme();
showResult(document.getElementById("main"), document.documentElement.dataset.run);
