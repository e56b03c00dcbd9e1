// The best of a figure along one parameter: a line, and the same as a table.

import { h, unseen } from "../dom.js";
import { count } from "../format.js";
import { figureLabel, figureText } from "./study_words.js";

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, LEFT, EDGE, BELOW] = [900, 260, 80, 16, 34];
const MOST_LABELS = 12;

function drawn(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function valueLine(grid, choose) {
  const [values] = grid.values;
  const places = [...values.keys()].filter((place) => values[place] !== null);
  const text = `${figureLabel(grid.figure)} along ${grid.x.name}`;
  return h("div", { className: "value-line" }, places.length ? picture(grid, places, text) : h("p", { className: "empty" }, "No trial has this figure."), asTable(grid, text, choose));
}

function picture(grid, places, text) {
  const [values] = grid.values;
  const found = places.map((place) => values[place]);
  const [low, high] = [Math.min(...found), Math.max(...found)];
  const span = high - low || 1;
  const across = (place) => LEFT + ((WIDTH - LEFT - EDGE) * (place + 0.5)) / values.length;
  const down = (value) => EDGE + (HEIGHT - EDGE - BELOW) * (high === low ? 0.5 : (high - value) / span);
  const every = Math.ceil(values.length / MOST_LABELS);
  const label = (x, y, anchor, words) => drawn("text", { x, y, "text-anchor": anchor }, words);
  return drawn(
    "svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${text}; its values stand in the table below` },
    ...[low, high].map((value) => drawn("line", { class: "axis", x1: LEFT, x2: WIDTH - EDGE, y1: down(value), y2: down(value) })),
    ...(high === low ? [high] : [low, high]).map((value) => label(LEFT - 6, down(value) + 4, "end", figureText(grid.figure, value))),
    drawn("polyline", { points: places.map((place) => `${across(place)},${down(values[place])}`).join(" ") }),
    ...places.map((place) => drawn("circle", { cx: across(place), cy: down(values[place]), r: grid.best?.[1] === place ? 6 : 3.5, class: grid.best?.[1] === place ? "best" : "" }, drawn("title", {}, `${grid.x.labels[place]}: ${figureText(grid.figure, values[place])}`))),
    ...grid.x.labels.map((each, place) => [each, place]).filter(([, place]) => place % every === 0).map(([each, place]) => label(across(place), HEIGHT - 14, "middle", each)),
  );
}

function asTable(grid, text, choose) {
  const heads = [grid.x.name, `Best ${figureLabel(grid.figure)}`, "Trials", "Failed", unseen("What can be done")];
  return h(
    "details", {}, h("summary", {}, "As a table"),
    h(
      "div", { className: "scroll" },
      h(
        "table", { "aria-label": text },
        h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
        h("tbody", {}, grid.x.labels.map((each, place) => h("tr", {}, h("td", {}, each), h("td", { className: "num" }, figureText(grid.figure, grid.values[0][place])), h("td", { className: "num" }, count(grid.trials[0][place])), h("td", { className: "num" }, count(grid.failed[0][place])), h("td", {}, h("button", { type: "button", onclick: () => choose(grid, 0, place) }, "Choose"))))),
      ),
    ),
  );
}
