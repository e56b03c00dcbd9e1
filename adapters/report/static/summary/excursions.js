// How far trades went before they were closed, and what came of them: a point for each.

import { h } from "../dom.js";
import { count, number } from "../format.js";
import { scaleOf, svg } from "./svg.js";

const SIZE = { width: 420, height: 220, left: 46, bottom: 30, top: 8, right: 8 };

// `points` are columns; `names` are those of the excursion and of the result, with what they are called.
export function excursionPictures(points, names, openTrade) {
  const [result, ...excursions] = names;
  const shown = points.index.length;
  const told = shown < points.total ? `${count(shown)} of ${count(points.total)} trades, spread evenly over all` : `${count(shown)} trades`;
  if (!shown) return null;
  return h(
    "div",
    { className: "pictures" },
    excursions.map((each) => h("figure", {}, picture(points, each, result, openTrade), h("figcaption", { className: "soft small" }, `${result.label} over ${each.label} of a trade, in % of its entry notional. ${told}; a click opens one.`))),
  );
}

function picture(points, across, up, openTrade) {
  const { width, height, left, bottom, top, right } = SIZE;
  const [least, most] = rangeOf(points[across.key]);
  const [low, high] = rangeOf(points[up.key]);
  const x = scaleOf(least, most, left, width - right);
  const y = scaleOf(low, high, height - bottom, top);
  const words = (at, text, anchor, level) => svg("text", { x: at, y: level, "text-anchor": anchor }, text);
  const dots = points.index.map((index, place) => {
    const [mark, value] = [points[across.key][place], points[up.key][place]];
    const said = svg("title", {}, `Trade ${count(index + 1)}: ${across.label} ${number(mark)} %, ${up.label} ${number(value)} %`);
    return svg("circle", { cx: x(mark), cy: y(value), r: 3, class: value > 0 ? "won" : "lost", onclick: () => openTrade(index + 1) }, said);
  });
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${up.label} over ${across.label}: ${count(points.index.length)} points, in %` },
    svg("line", { x1: left, x2: width - right, y1: y(0), y2: y(0), class: "zero" }),
    svg("line", { x1: x(0), x2: x(0), y1: top, y2: height - bottom, class: "zero" }),
    dots,
    words(left, `${number(least, 1)} %`, "start", height - 14),
    words(width - right, `${number(most, 1)} %`, "end", height - 14),
    words((left + width) / 2, across.label, "middle", height - 4),
    words(left - 4, `${number(high, 1)} %`, "end", top + 10),
    words(left - 4, `${number(low, 1)} %`, "end", height - bottom),
  );
}

// From the lowest to the highest, and 0.
const rangeOf = (values) => values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [0, 0]);
