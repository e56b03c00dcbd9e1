// Signal pools: the stored ones, and when one, or a condition that is tried out, would have fired.

import { get, post } from "../api.js";
import { createChart, createSeriesMarkers } from "../vendor/lightweight-charts.js";
import { addCandles, candlesOf, chartOptions, colours } from "../chart/look.js";
import { h, put } from "../dom.js";
import { count, number, time } from "../format.js";

const EXAMPLE = '[{"metric": "indicator:RSI14", "operator": "<", "threshold": 30, "time_window": "1h"}]';
const DAY = 86400000;

export async function showPools(page) {
  const [{ pools }, { series }] = await Promise.all([get("/api/pools"), get("/api/symbols")]);
  const exchanges = [...new Set(series.map((each) => each.exchange))];
  const options = (values) => values.map((value) => h("option", {}, value));
  const exchange = h("select", { onchange: () => showSymbols() }, options(exchanges));
  const symbol = h("select", { onchange: () => setRange() });
  const start = h("input", { type: "datetime-local" });
  const end = h("input", { type: "datetime-local" });
  const which = h("select", { onchange: () => (conditions.parentElement.hidden = which.value !== "") }, h("option", { value: "" }, "conditions below"), pools.filter((pool) => !pool.problems.length).map((pool) => h("option", { value: pool.id }, `${pool.id}: ${pool.name}`)));
  const conditions = h("textarea", { rows: 3, spellcheck: false, value: EXAMPLE });
  const logic = h("select", {}, options(["OR", "AND"]));
  const note = h("p", { className: "bad", role: "alert" });
  const summary = h("p", { id: "preview-summary", "aria-live": "polite" });
  const box = h("div", { className: "chart low", style: "height:360px" });
  const label = (title, input) => h("label", {}, h("span", {}, title), input);
  const form = h(
    "form", { className: "card", onsubmit: (event) => { event.preventDefault(); preview(); } },
    h("h2", {}, "Preview"),
    h("div", { className: "fields wide" }, label("Pool", which), label("Exchange", exchange), label("Symbol", symbol), label("Start, UTC", start), label("End, UTC", end), label("Logic", logic)),
    h("label", { style: "display:block;margin-top:8px" }, h("span", { className: "soft small" }, "Conditions, JSON"), conditions),
    h("div", { className: "row", style: "margin-top:10px" }, h("button", { className: "primary", id: "preview" }, "Show when it fires")),
    note, summary, box,
  );
  put(page, h("h1", {}, "Signal pools"), h("div", { className: "card" }, pools.length ? table(pools, choose) : h("p", { className: "empty" }, "No pools are stored: perpsim signals adds them. Conditions can be tried out below.")), form);
  let chart = null;

  function showSymbols() {
    put(symbol, options([...new Set(series.filter((each) => each.exchange === exchange.value).map((each) => each.symbol))]));
    setRange();
  }

  function setRange() {
    const stored = series.find((each) => each.exchange === exchange.value && each.symbol === symbol.value);
    if (!stored) return;
    start.value = new Date(Math.max(stored.first_ms, stored.last_ms - 14 * DAY)).toISOString().slice(0, 16);
    end.value = new Date(stored.last_ms).toISOString().slice(0, 16);
  }

  function choose(pool) {
    which.value = String(pool.id);
    which.dispatchEvent(new Event("change"));
    if (pool.symbols.length && [...symbol.options].some((each) => each.value === pool.symbols[0])) symbol.value = pool.symbols[0];
    preview();
  }

  async function preview() {
    put(note);
    const body = { exchange: exchange.value, symbol: symbol.value, start_time: `${start.value}Z`, end_time: `${end.value}Z` };
    try {
      if (which.value) body.pool_id = Number(which.value);
      else Object.assign(body, { conditions: JSON.parse(conditions.value), logic: logic.value });
      const from = Date.parse(body.start_time);
      const to = Date.parse(body.end_time);
      const [found, klines] = await Promise.all([post("/api/pools/preview", body), get("/api/klines", { exchange: exchange.value, symbol: symbol.value, start: from, end: to, points: 1500 })]);
      put(summary, h("b", {}, `${found.name} fired ${count(found.trigger_count)} times, ${number(found.per_day)} a day`), h("span", { className: "soft" }, ` · ${count(found.check_points)} check points, ${count(found.undefined)} of them undecided${found.times.length ? ` · first ${time(found.times[0])}` : ""}`));
      put(note, found.warnings.join("; "));
      draw(found, klines);
    } catch (error) {
      put(note, error.problems?.length ? error.problems.map((each) => `${each.field || ""} ${each.message}`).join("; ") : error.message);
    }
  }

  function draw(found, klines) {
    chart?.remove();
    chart = createChart(box, chartOptions());
    const candles = addCandles(chart);
    candles.setData(candlesOf(klines));
    const slots = new Map();
    for (const at of found.times) {
      const slot = at - (at % klines.period_ms);
      slots.set(slot, (slots.get(slot) || 0) + 1);
    }
    const marks = [...slots].map(([at, times]) => ({ time: at / 1000, position: "belowBar", shape: "arrowUp", color: colours().accent, text: times > 1 ? `×${times}` : "" }));
    createSeriesMarkers(candles, marks);
    chart.timeScale().fitContent();
    window.perpsim = { ...window.perpsim, preview: { found, marks } };
  }

  showSymbols();
  return () => chart?.remove();
}

function table(pools, onChoose) {
  const heads = ["Id", "Name", "Signals", "Symbols", "State", ""];
  return h(
    "div",
    { className: "scroll" },
    h("table", { "aria-label": "Signal pools" }, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, pools.map((pool) => h("tr", {}, h("td", {}, pool.id), h("td", {}, pool.name), h("td", { className: "wrap" }, pool.signals.join(` ${pool.logic} `)), h("td", {}, pool.symbols.join(", ") || "all"), h("td", { className: pool.problems.length ? "bad wrap" : "" }, pool.problems.join("; ") || (pool.enabled ? "enabled" : "disabled")), h("td", {}, h("button", { type: "button", disabled: pool.problems.length > 0, onclick: () => onChoose(pool) }, "Preview")))))),
  );
}
