// Which page is shown, and the theme.

import { h, put } from "./dom.js";
import { showNew } from "./pages/new.js";
import { showResult } from "./result.js";
import { showHistory } from "./pages/history.js";
import { showCompare } from "./pages/compare.js";
import { showPools } from "./pages/pools.js";
import { showStudies } from "./pages/studies.js";
import { showStudy } from "./pages/study.js";
import { showNewStudy } from "./pages/study_new.js";

const ROUTES = [
  [/^#\/new(?:\/(\d+))?$/, showNew, "New back-test"],
  [/^#\/results\/(\d+)$/, showResult, "Result"],
  [/^#\/history$/, showHistory, "History"],
  [/^#\/compare\/(\d+)\/(\d+)$/, showCompare, "Compare"],
  [/^#\/pools$/, showPools, "Signal pools"],
  [/^#\/studies$/, showStudies, "Studies"],
  [/^#\/studies\/(\d+)$/, showStudy, "Study"],
  [/^#\/studies\/new(?:\?(.*))?$/, showNewStudy, "New study"],
];

const main = document.getElementById("main");
let leave = null; // what the page that is left wants to be told

async function route() {
  if (leave) leave();
  leave = null;
  const hash = location.hash || "#/new";
  for (const [pattern, show, title] of ROUTES) {
    const found = hash.match(pattern);
    if (!found) continue;
    document.title = `${title} · perpsim`;
    for (const link of document.querySelectorAll("nav a")) link.ariaCurrent = hash.startsWith(link.getAttribute("href")) ? "page" : null;
    const page = h("div", { className: "page", style: "display:grid;gap:16px;min-width:0" });
    put(main, page);
    try {
      const done = await show(page, ...found.slice(1));
      if (page.isConnected) leave = done || null;
      else if (done) done();
    } catch (error) {
      put(page, h("div", { className: "card" }, h("h1", {}, "That did not work"), h("p", { className: "bad" }, error.message)));
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
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener("hashchange", route);
route();
