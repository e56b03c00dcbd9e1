// Equity in small, beside the figures: with what buying and holding would have brought, where that is known.

import { get } from "../api.js";
import { h } from "../dom.js";
import { number, time } from "../format.js";
import { scaleOf, svg } from "./svg.js";

const WIDTH = 600;
const HEIGHT = 100;
const POINTS = 400;

export function equityPicture(result) {
  const element = h("figure", { className: "picture" });
  const address = `/api/backtests/${result.id}`;
  const held = get(`${address}/hold`, { points: POINTS }).catch(() => null); // without prices there is none
  Promise.all([get(`${address}/equity`, { points: POINTS }), held]).then(
    ([curve, holding]) => curve.timestamp.length > 1 && element.replaceChildren(...drawn(curve, holding)),
    (error) => element.replaceChildren(h("figcaption", { className: "bad" }, `Equity: ${error.message}`)),
  );
  return element;
}

// The lowest and the highest of some values.
const reachOf = (values) => Array.from(values).filter((value) => value !== null).reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);

function drawn({ timestamp, equity }, held) {
  const isHeld = held?.value?.length > 1;
  const lines = [...(isHeld ? [[held.timestamp, held.value, "held"]] : []), [timestamp, equity, "equity"]];
  const [low, high] = reachOf(equity);
  const x = scaleOf(timestamp[0], timestamp.at(-1), 0, WIDTH);
  const y = scaleOf(...reachOf(lines.flatMap(([, values]) => Array.from(values))), HEIGHT - 2, 2);
  const path = (times, values) => Array.from(values, (value, place) => (value === null ? "" : `${x(times[place]).toFixed(1)},${y(value).toFixed(1)}`)).join(" ");
  const said = `Equity from ${number(equity[0])} to ${number(equity.at(-1))} USD, lowest ${number(low)}, highest ${number(high)}, ${time(timestamp[0])} to ${time(timestamp.at(-1))} UTC`;
  return [
    svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": said }, lines.map(([times, values, name]) => svg("polyline", { class: name, points: path(times, values) }))),
    h("figcaption", { className: "soft small" }, `Equity, USD: ${number(low)} to ${number(high)}${isHeld ? "; dashed: buying and holding" : ""}`),
  ];
}
