// A report: the result page, alone in a file.

import { h } from "./dom.js";
import { keepFocus } from "./focus.js";
import { queryOf } from "./view_address.js";
import { showResult } from "./result.js";
import { showShortcuts } from "./shortcuts.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
const setTheme = () => {
  document.documentElement.dataset.theme = dark.matches ? "dark" : "light";
  dispatchEvent(new Event("theme"));
};
setTheme();
dark.addEventListener("change", setTheme);
keepFocus();
document.querySelector("main").append(h("p", {}, h("button", { type: "button", className: "small", onclick: () => showShortcuts() }, "Keyboard shortcuts")));
const shown = await showResult(document.getElementById("main"), document.documentElement.dataset.run, queryOf(location.hash));
addEventListener("hashchange", () => shown.follow(queryOf(location.hash)));
