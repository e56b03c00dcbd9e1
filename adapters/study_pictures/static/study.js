// The page of a study: its pictures, its trials, and what is to be known of them.

import { h, pagedTable, put, scrolled, select, showText } from "./dom.js";
import { count, number, text } from "./format.js";
import { parsed } from "./packed.js";
import { ParallelLines } from "./parallel.js";
import { picture } from "./pictures.js";

const block = (name) => parsed(document.getElementById(name).textContent);
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
document.documentElement.dataset.theme = dark ? "dark" : "light";
const main = document.getElementById("main");
const began = performance.now();
const study = await block("study");
const card = (title, ...content) => h("section", { className: "card", "aria-label": title }, h("h2", {}, title), ...content);

put(main, heading(), warnings(), tiles());
for (const each of study.tables) main.append(card(each.title, textTable(each)));
const pictures = await block("pictures");
for (const { title, svg } of pictures.further) main.append(card(title, picture(svg)));
if (pictures.cells.length) main.append(card(pictures.cells[0].title, chooser(pictures.cells)));
const trials = study.has_trials ? await block("trials") : null;
const lines = trials?.parallel ? new ParallelLines(trials.parallel, () => table.refresh(true)) : null;
if (lines) main.append(card("Parallel coordinates", lines.element));
for (const { title, svg } of pictures.after) main.append(card(title, picture(svg)));
if (study.statistics.length) main.append(card("How much of it is selection", meanings(study.statistics)));
const table = trials ? trialTable() : null;
if (table) main.append(card("Trials, the best first", table.element));
if (study.failures.length) main.append(card("Failed trials", failures()));
main.append(card("Configuration", configuration()));
window.perpsim = { ...window.perpsim, lines, ready_ms: performance.now() - began };

function heading() {
  return h("div", {}, h("h1", {}, study.title), study.lines.map((line) => h("div", { className: "soft" }, line)));
}

function warnings() {
  return study.warnings.length ? h("div", { className: "card warnings" }, h("ul", {}, study.warnings.map((line) => h("li", {}, line)))) : null;
}

function tiles() {
  return h("div", { className: "figures" }, study.tiles.map(({ label, shown, meaning }) => h("div", { className: "figure", tabIndex: 0 }, h("span", {}, label), h("b", {}, shown), h("div", { className: "tip", role: "tooltip" }, meaning))));
}

// Pictures of one kind, one of which is shown: which parameters, and what of several trials in a cell.
function chooser(cells) {
  const place = h("div");
  const views = [...new Set(cells.map((each) => each.view))];
  const pair = select({ "aria-label": "Parameters", style: "width:auto", onchange: show }, [...new Set(cells.map((each) => each.pair))].map((each) => [each, each]));
  const view = select({ "aria-label": "Shown", style: "width:auto", onchange: show }, views.map((each) => [each, each]));

  function show() {
    const of = cells.filter((each) => each.pair === pair.value);
    const found = of.find((each) => each.view === view.value);
    put(place, found ? picture(found.svg) : h("p", { className: "soft" }, "Of parameters whose values are texts there is no surface."));
  }

  show();
  const choices = [pair.options.length > 1 ? pair : null, views.length > 1 ? view : null];
  return h("div", {}, h("div", { className: "row", style: "margin-bottom:8px" }, choices), place);
}

function meanings(rows) {
  return scrolled("Figures", h("table", { className: "meanings" }, h("tbody", {}, rows.map(({ label, shown, meaning }) => h("tr", {}, h("td", {}, label), h("td", { className: "num" }, shown), h("td", {}, meaning))))));
}

// A table of texts: of each row the first cell is a name, the others are numbers.
function textTable({ heads, rows }) {
  const cells = (kind, texts) => h("tr", {}, texts.map((each, place) => h(kind, { className: place ? "num" : "wrap" }, each)));
  return scrolled("Table", h("table", {}, h("thead", {}, cells("th", heads)), h("tbody", {}, rows.map((row) => cells("td", row)))));
}

function trialTable() {
  const ranked = trials.ranked;
  const kept = () => (lines?.brushes.size ? ranked.filter((trial) => lines.keeps(trial)) : ranked);
  const load = async ({ offset, limit, sort, descending }) => {
    const rows = sort === null ? kept() : sorted(kept(), trials.columns[sort].values, descending);
    return { total: rows.length, items: rows.slice(offset, offset + limit) };
  };
  const columns = trials.columns.map(({ title, is_number: isNumber, values }, place) => ({
    title,
    number: isNumber,
    wrap: !isNumber,
    sort: String(place),
    show: (trial) => (isNumber && typeof values[trial] === "number" ? shownNumber(values[trial]) : text(values[trial])),
  }));
  const made = pagedTable({ label: "Trials", load, columns, onRow: lines ? (trial) => lines.choose(trial) : undefined });
  if (lines) made.element.prepend(h("p", { className: "soft small" }, "A row shows its trial as a dark line above; a brush there leaves the trials within."));
  return made;
}

const shownNumber = (value) => (Number.isInteger(value) ? count(value) : Math.abs(value) >= 1000 ? number(value, 2) : String(Number(value.toPrecision(5))));

// Trials by a column; what has no value comes last, whichever way.
function sorted(rows, values, descending) {
  const sign = descending ? -1 : 1;
  const has = rows.filter((trial) => values[trial] !== null);
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en"));
  has.sort((a, b) => sign * compare(values[a], values[b]));
  return [...has, ...rows.filter((trial) => values[trial] === null)];
}

function failures() {
  return scrolled("Failed trials", h("table", {}, h("thead", {}, h("tr", {}, ["Error", "Trials", "Their numbers"].map((title) => h("th", {}, title)))), h("tbody", {}, study.failures.map(({ error, trials: many, numbers }) => h("tr", {}, h("td", { className: "wrap" }, error), h("td", { className: "num" }, count(many)), h("td", { className: "wrap" }, numbers))))));
}

function configuration() {
  return [
    h("dl", {}, study.configuration.map(([name, value]) => [h("dt", {}, name), h("dd", {}, text(value))])),
    study.program ? [h("h2", { style: "margin-top:16px" }, "Program"), h("pre", { tabIndex: 0 }, study.program)] : null,
    h("button", { type: "button", onclick: () => showText("Configuration", JSON.stringify(Object.fromEntries(study.configuration), null, 2)) }, "As JSON"),
  ];
}
