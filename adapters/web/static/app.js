// Which page is shown, and the theme.

import { queryOf } from "./view_address.js";
import { h, put } from "./dom.js";
import { keepFocus } from "./focus.js";
import { showShortcuts } from "./shortcuts.js";
import { showNew } from "./pages/new.js";
import { showResultWithNotes } from "./desk/result_bar.js";
import { showHistory } from "./pages/history.js";
import { showCompare } from "./pages/compare.js";
import { showPools } from "./pages/pools.js";
import { showData } from "./pages/data.js";
import { showPrograms } from "./pages/programs.js";
import { showStudies } from "./pages/studies.js";
import { showStudy } from "./pages/study.js";
import { showNewStudy } from "./pages/study_new.js";

const ROUTES = [
  [/^#\/new(?:\/(\d+))?$/, showNew, "New back-test"],
  [/^#\/programs$/, showPrograms, "Programs"],
  [/^#\/results\/(\d+)$/, showResultWithNotes, "Result"],
  [/^#\/history$/, showHistory, "Results"],
  [/^#\/compare$/, showCompare, "Compare"],
  [/^#\/pools$/, showPools, "Signal pools"],
  [/^#\/data$/, showData, "Data"],
  [/^#\/studies$/, showStudies, "Studies"],
  [/^#\/studies\/(\d+)$/, showStudy, "Study"],
  [/^#\/studies\/new$/, showNewStudy, "New study"],
];

// Pages that the list of results leads to.
const OF_RESULTS = /^#\/(results|compare)/;

// Beside those of a result.
const SHORTCUTS = {
  "A program in the editor": [
    ["Ctrl+Space", "completes what is being written"],
    ["F1", "explains the word at the cursor"],
    ["F8", "goes to the next problem"],
    ["Ctrl+S", "saves it"],
    ["Escape, then Tab", "leaves the editor"],
  ],
  "A heat map of a study": [["← → ↑ ↓", "the cell beside"]],
  "Equity of several results": [["← →", "tells the instant before, the next one; with Shift a wider step"]],
};

const main = document.getElementById("main");
let leave = null; // what the page that is left wants to be told

let isMoved = false; // another page was shown before

let shown = ""; // its address, without what of it is looked at

// What of a page is looked at stands behind "?": a page that can `follow` that is not made anew for it.
async function route() {
  const [hash] = (location.hash || "#/new").split("?");
  const query = queryOf(location.hash);
  if (hash === shown && leave?.follow) {
    await leave.follow(query);
    return;
  }
  if (leave) leave();
  leave = null;
  shown = hash;
  for (const [pattern, show, title] of ROUTES) {
    const found = hash.match(pattern);
    if (!found) continue;
    document.title = `${title} · perpsim`;
    for (const link of document.querySelectorAll("nav a")) link.ariaCurrent = (OF_RESULTS.test(hash) ? "#/history" : hash).startsWith(link.getAttribute("href")) ? "page" : null;
    const page = h("div", { className: "page", style: "display:grid;gap:16px;min-width:0" });
    put(main, page);
    if (isMoved) main.focus({ preventScroll: true });
    isMoved = true;
    try {
      const done = await show(page, ...found.slice(1), query);
      if (page.isConnected) leave = done || null;
      else if (done) done();
    } catch (error) {
      const again = h("button", { type: "button", className: "primary", onclick: route }, "Try again");
      put(page, h("div", { className: "card failed" }, h("h1", {}, "That did not work"), h("p", { className: "bad" }, error.message), again));
    }
    return;
  }
  location.hash = "#/new";
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  window.dispatchEvent(new Event("theme"));
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const chosen = () => localStorage.getItem("theme") || (dark.matches ? "dark" : "light");
setTheme(chosen());
dark.addEventListener("change", () => setTheme(chosen()));
document.getElementById("theme").addEventListener("click", () => {
  const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("theme", next);
  setTheme(next);
});
document.getElementById("keys").addEventListener("click", () => showShortcuts(SHORTCUTS));
keepFocus();
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener("hashchange", route);
window.addEventListener("recovered", () => main.querySelector(".failed") && route());
route();
