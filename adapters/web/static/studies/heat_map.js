// A figure over two parameters as a heat map, over one as a line. Its cells are those of a table, for who reads it so.

import { get } from "../api.js";
import { h, put, select, toast } from "../dom.js";
import { count } from "../format.js";
import { openTrial } from "./trial_table.js";
import { figureLabel, figureText } from "./study_words.js";
import { valueLine } from "./value_line.js";

const OF = [["best", "the best"], ["mean", "the mean"], ["worst", "the worst"]];
const STRONGEST = 45; // percent of the colour: texts on it are still readable, in the light and in the dark
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export function heatMap(study, figures) {
  const names = study.parameters.map((each) => each.name);
  const ask = () => draw().catch((error) => toast(error.message));
  const choice = (label, pairs) => select({ "aria-label": label, style: "width:auto", onchange: ask }, pairs);
  const x = choice("Across", names.map((name) => [name, name]));
  const y = choice("Down", [["", "none: a line"], ...names.map((name) => [name, name])]);
  const figure = choice("Figure", figures.map((name) => [name, figureLabel(name)]));
  const of = choice("Of several trials", OF);
  figure.value = study.metrics[0].name;
  y.value = names[1] ?? "";
  const holder = h("div", { id: "heat-map" });
  const about = h("p", { className: "soft small", "aria-live": "polite" });
  const chosen = h("div", { className: "row", id: "chosen-cell" });
  const label = (title, input) => h("label", { className: "row small" }, h("span", { className: "soft" }, title), input);
  let turn = 0;

  async function draw() {
    if (x.value === y.value) y.value = names.find((name) => name !== x.value) ?? "";
    const own = (turn += 1);
    const grid = await get(`/api/studies/${study.id}/grid`, { x: x.value, y: y.value, figure: figure.value, of: y.value ? of.value : null });
    if (own !== turn) return; // another one was asked for meanwhile
    of.disabled = !grid.y;
    put(about, said(grid));
    put(holder, grid.y ? table(grid, choose) : valueLine(grid, choose));
    window.perpsim = { ...window.perpsim, grid };
  }

  function choose(grid, row, column) {
    const number = grid.numbers[row][column];
    const open = h("button", { type: "button", onclick: () => openTrial(study, number, open) }, "Open as a result");
    put(chosen, cellText(grid, row, column), number === null ? null : open);
  }

  ask();
  const element = h(
    "section", { className: "card", "aria-label": "Over its parameters" },
    h("h2", {}, "Over its parameters"),
    h("div", { className: "row" }, label("Across", x), label("Down", y), label("Figure", figure), names.length > 2 ? label("Of several", of) : null),
    about, holder, chosen,
  );
  return { element, refresh: () => (holder.contains(document.activeElement) ? null : ask()) };
}

const known = (grid) => grid.values.flat().filter((value) => value !== null);

function said(grid) {
  const cells = grid.values.flat().length;
  const best = grid.best ? `; best: ${cellText(grid, ...grid.best)}` : "";
  return `${count(known(grid).length)} of ${count(cells)} places have a value${best}`;
}

export function cellText(grid, row, column) {
  const places = [`${grid.x.name} ${grid.x.labels[column]}`, grid.y ? `${grid.y.name} ${grid.y.labels[row]}` : null].filter(Boolean).join(", ");
  const value = grid.values[row][column];
  const trials = grid.trials[row][column];
  const failed = grid.failed[row][column];
  const number = grid.numbers[row][column];
  const found = value === null ? (trials ? (failed ? "failed" : "not defined") : "no trial") : figureText(grid.figure, value);
  const many = trials > 1 ? `, ${count(trials)} trials` : "";
  return `${places}: ${figureLabel(grid.figure)} ${found}${number === null ? "" : ` (trial ${count(number)}${many})`}`;
}

// How strong the colour of a value is, and which: the better, the stronger; what is below zero has another.
function colour(grid, value, low, high) {
  const isBelow = low < 0 && high > 0 && value < 0;
  const share = high === low ? 1 : isBelow ? value / low : low < 0 && high > 0 ? value / high : (value - low) / (high - low);
  const strength = Math.round(STRONGEST * (grid.is_least && !isBelow ? 1 - share : share));
  return `background:color-mix(in srgb, var(${isBelow ? "--warn" : "--accent"}) ${strength}%, var(--card))`;
}

function table(grid, choose) {
  const values = known(grid);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [top, left] = grid.best ?? [0, 0];
  const rows = [...grid.y.labels.keys()];
  if (grid.y.is_number) rows.reverse(); // numbers rise, texts are read downwards
  const buttons = new Map();

  function cell(row, column) {
    const value = grid.values[row][column];
    const isBest = grid.best && row === top && column === left;
    const button = h(
      "button",
      { type: "button", tabIndex: row === top && column === left ? 0 : -1, title: cellText(grid, row, column), "aria-label": cellText(grid, row, column), onclick: () => choose(grid, row, column), onkeydown: (event) => move(event, row, column) },
      value === null ? (grid.failed[row][column] ? "×" : "–") : figureText(grid.figure, value),
    );
    buttons.set(`${row} ${column}`, button);
    return h("td", { className: isBest ? "best" : "", style: value === null ? "" : colour(grid, value, low, high) }, button);
  }

  function move(event, row, column) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const down = grid.y.is_number ? -step[0] : step[0];
    const next = buttons.get(`${row + down} ${column + step[1]}`);
    if (!next) return;
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  return h(
    "div", { className: "scroll" },
    h(
      "table", { className: "heat", "aria-label": `${figureLabel(grid.figure)} over ${grid.x.name} and ${grid.y.name}` },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, `${grid.y.name} ↓ ${grid.x.name} →`), grid.x.labels.map((each) => h("th", { scope: "col", className: "num" }, each)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, h("th", { scope: "row" }, grid.y.labels[row]), grid.x.labels.map((_, column) => cell(row, column))))),
    ),
  );
}
