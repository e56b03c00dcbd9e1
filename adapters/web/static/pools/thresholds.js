// How the figure of a condition is spread over a range, and what other thresholds would do: one of them can be taken.

import { post } from "../api.js";
import { h, put } from "../dom.js";
import { count, number, price, time } from "../format.js";
import { chosenBar, picture, shape } from "../svg.js";

const [WIDTH, HEIGHT] = [600, 110];

export async function showThresholds(box, form, range) {
  put(box, h("p", { className: "soft small", role: "status" }, "Looking at the range …"));
  try {
    const found = await post("/api/pools/distribution", { condition: form.condition, ...range });
    const take = (threshold) => {
      form.threshold = threshold;
      showThresholds(box, form, range);
    };
    put(box, drawn(found, form, range, take));
    window.perpsim = { ...window.perpsim, spread: found };
  } catch (error) {
    put(box, h("p", { className: "bad small", role: "alert" }, error.problems?.map((each) => each.message).join("; ") || error.message));
  }
}

function drawn(found, form, range, take) {
  const unit = form.unit ? ` ${form.unit}` : "";
  const where = `${range.symbol} on ${range.exchange}, ${time(Date.parse(range.start_time))} to ${time(Date.parse(range.end_time))} UTC`;
  const [low, high] = [found.edges[0], found.edges.at(-1)];
  return h(
    "div", { className: "spread" },
    h("p", { className: "soft small" }, `${found.text}: ${where}. ${count(found.check_points - found.undefined)} of ${count(found.check_points)} check points have a value.`),
    found.present && h("p", {}, h("b", {}, `Fires ${number(found.present.per_day)} times a day`), ` at the threshold ${price(found.present.threshold)}${unit}, true in ${number(found.present.share * 100)} % of the time.`),
    histogram(found, unit),
    h("div", { className: "row end small soft" }, h("span", {}, `${price(low, 5)}${unit}`), h("span", {}, `${price(high, 5)}${unit}`)),
    h("p", { className: "small" }, `Quantiles of ${form.kind?.figure ?? "it"}: `, found.quantiles.map(([share, value]) => h("span", { className: "key" }, `${number(share * 100, 0)} %`, h("b", {}, price(value, 5))))),
    found.levels.length > 0 && levels(found.levels, unit, take),
  );
}

function histogram({ edges, counts, bounds }, unit) {
  const most = Math.max(...counts, 1);
  const [low, high] = [edges[0], edges.at(-1)];
  const width = WIDTH / counts.length;
  const bars = counts.map((each, place) => {
    const height = ((HEIGHT - 6) * each) / most;
    return chosenBar(`${price(edges[place], 5)} to ${price(edges[place + 1], 5)}${unit}: ${count(each)}`, { x: place * width + 0.5, y: HEIGHT - height, width: width - 1, height, fill: "var(--accent)", opacity: 0.75 });
  });
  const lines = bounds.filter((each) => low <= each && each <= high).map((each) => {
    const at = ((each - low) / (high - low)) * WIDTH;
    return shape("line", { x1: at, x2: at, y1: 0, y2: HEIGHT, stroke: "var(--bad)", "stroke-width": 2 }, shape("title", {}, "the threshold"));
  });
  return picture(`Histogram of ${counts.length} bins from ${price(low, 5)} to ${price(high, 5)}${unit}`, WIDTH, HEIGHT, [...bars, ...lines]);
}

function levels(found, unit, take) {
  const row = (each) => h(
    "tr", {},
    h("td", { className: "num" }, h("button", { type: "button", className: "take", "aria-label": `Take the threshold ${each.threshold}`, onclick: () => take(each.threshold) }, `${price(each.threshold)}${unit}`)),
    h("td", { className: "num" }, `${number(each.share * 100)} %`),
    h("td", { className: "num" }, number(each.per_day)),
  );
  const heads = ["Threshold: click to take it", "True in", "Fires a day"].map((each) => h("th", { scope: "col", className: "num" }, each));
  return h("div", { className: "scroll" }, h("table", { "aria-label": "Thresholds" }, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, found.map(row))));
}
