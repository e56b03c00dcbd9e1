// Two back-tests side by side: equity on one axis, and what is different.

import { LineSeries, createChart } from "../vendor/lightweight-charts.js";
import { get } from "../api.js";
import { chartOptions, colours } from "../chart/look.js";
import { h, put } from "../dom.js";
import { settings } from "../figures.js";
import { text, time } from "../format.js";
import { words } from "../vocabulary.js";

const SLOTS = 800;
const trade = Object.fromEntries(words.columns.trades.map((column) => [column.key, column]));

export async function showCompare(page, first, second) {
  const ids = [first, second];
  const [found, ...curves] = await Promise.all([get(`/api/backtests/${first}/compare/${second}`), ...ids.map((id) => get(`/api/backtests/${id}/equity`, { points: 1000 }))]);
  const box = h("div", { className: "chart low", style: "height:360px", role: "img", "aria-label": "Equity of both" });
  const name = (item) => `${item.id}: ${item.program || ""}`;
  const look = colours();
  const lineColours = [look.accent, look.warn];
  put(
    page,
    h("h1", {}, "Compare ", h("a", { href: `#/results/${first}` }, name(found.first)), " and ", h("a", { href: `#/results/${second}` }, name(found.second))),
    h("div", { className: "card" }, h("h2", {}, "Equity, USD"), [found.first, found.second].map((item, place) => h("span", { className: "key" }, h("i", { style: `background:${lineColours[place]}` }), name(item))), box),
    differences("Settings that differ", ids, found.config, settings),
    differences("Figures that differ", ids, found.figures, words.figures),
    found.first_trade === null ? h("div", { className: "card" }, "Their trades are the same.") : differences(`First trade that differs: number ${found.first_trade + 1}`, ids, found.trade, trade),
  );
  const chart = createChart(box, chartOptions());
  const all = curves.flatMap((curve) => curve.timestamp);
  const step = Math.max((Math.max(...all) - Math.min(...all)) / SLOTS, 60000);
  const lines = curves.map((curve, place) => {
    const line = chart.addSeries(LineSeries, { color: lineColours[place], lineWidth: 2, priceLineVisible: false });
    const slots = new Map(curve.timestamp.map((at, index) => [Math.floor(at / step) * step, curve.equity[index]]));
    const points = [...slots].map(([at, value]) => ({ time: Math.floor(at / 1000), value }));
    line.setData(points);
    return points;
  });
  chart.timeScale().fitContent();
  window.perpsim = { ...window.perpsim, compared: lines };
  return () => chart.remove();
}

function differences(title, ids, found, known) {
  const rows = Object.entries(found);
  if (!rows.length) return h("div", { className: "card" }, `${title}: none`);
  return h(
    "div",
    { className: "card" },
    h("h2", {}, title),
    h("div", { className: "scroll" }, h("table", { "aria-label": title }, h("thead", {}, h("tr", {}, ["", ...ids].map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, rows.map(([name, pair]) => h("tr", {}, h("td", { title: name, style: "white-space:normal" }, known[name]?.label ?? name), pair.map((value) => h("td", { className: "wrap" }, name === "code" ? h("details", {}, h("summary", {}, "source text"), h("pre", {}, value || "")) : exact(known[name], value)))))))),
  );
}

// A value to its last digit that counts: what differs must be seen to differ.
function exact(how, value) {
  if (typeof value !== "number") return words[how?.words]?.[value] ?? text(value);
  if (how?.unit === "moment") return `${time(value)} UTC`;
  return `${value.toLocaleString("en", { maximumSignificantDigits: 8 })}${how?.unit === "percent" ? "\u00a0%" : ""}`;
}
