// What is stored of the market: by symbol a picture of what there is, then each series with its holes and its klines.

import { get } from "../api.js";
import { createChart } from "../vendor/lightweight-charts.js";
import { addCandles, candleColours, candlesOf, chartOptions, colours, onTheme } from "../chart/look.js";
import { h, put, unseen } from "../dom.js";
import { count, duration, price, time } from "../format.js";
import { picture, shape } from "../svg.js";

const HEIGHT = 9; // of one series in the picture of a symbol
const WIDTH = 1000;
const MOST_ASKED = 60; // of so many series the holes are asked for without a click
const ROWS = 200; // so many symbols are shown at a time
const DAY = 86400000;

export class StoredData {
  constructor() {
    this.body = h("div", { className: "parts" });
    this.search = h("input", { type: "search", placeholder: "Search exchange, symbol or kind", "aria-label": "Search", style: "max-width:320px", oninput: () => this.show() });
    this.note = h("span", { className: "soft small" });
    this.charts = new Map(); // with their klines
    this.unthemed = onTheme(() => this.charts.forEach((candles, chart) => {
      chart.applyOptions(chartOptions());
      candles.applyOptions(candleColours(colours()));
    }));
    this.holes = new Map();
    this.isLeft = false;
    this.element = h("section", { className: "card", "aria-label": "Stored data" }, h("div", { className: "row end" }, h("h2", {}, "What is stored"), this.search), this.note, this.body);
  }

  leave() {
    this.isLeft = true;
    this.unthemed();
    for (const chart of this.charts.keys()) chart.remove();
  }

  async refresh() {
    try {
      Object.assign(this, await get("/api/data/series"));
    } catch (error) {
      put(this.body, h("p", { className: "bad", role: "alert" }, error.message));
      return;
    }
    this.holes.clear();
    this.show();
    this.askHoles();
  }

  show() {
    const wanted = this.search.value.trim().toLowerCase();
    const groups = new Map();
    for (const each of this.series) {
      if (wanted && !`${each.exchange} ${each.symbol} ${each.kind} ${each.feature ?? ""}`.toLowerCase().includes(wanted)) continue;
      const key = `${each.exchange} ${each.symbol}`;
      groups.set(key, [...(groups.get(key) ?? []), each]);
    }
    const shown = [...groups.values()].slice(0, ROWS);
    const all = shown.flat();
    this.span = [Math.min(...all.map((each) => each.first_ms)), Math.max(...all.map((each) => each.last_ms))];
    const range = all.length ? `, ${time(this.span[0]).slice(0, 10)} to ${time(this.span[1]).slice(0, 10)} UTC in the pictures` : "";
    put(this.note, `${count(shown.length)} of ${count(groups.size)} symbols, ${count(all.length)} of ${count(this.total)} series${range}`);
    this.pictures = new Map();
    put(this.body, shown.length ? shown.map((group) => this.symbol(group)) : h("p", { className: "empty" }, this.total ? "Nothing of this name is stored." : "Nothing is stored yet: import a file below, or download."));
  }

  symbol(group) {
    const [{ exchange, symbol }] = group;
    const name = symbol === "*" ? "every symbol" : symbol;
    const place = h("div", {});
    this.pictures.set(place, group);
    this.draw(place, group);
    const heads = ["What", "First, UTC", "Last, UTC", "Rows", "Missing", "Newest row stored, UTC", unseen("What can be looked at")];
    const details = h("div", { hidden: true });
    const toggle = h("button", { type: "button", className: "small", "aria-expanded": "false", "aria-label": `${name} on ${exchange}: series`, onclick: () => {
      details.hidden = !details.hidden;
      toggle.ariaExpanded = String(!details.hidden);
      toggle.textContent = details.hidden ? "Show" : "Hide";
      if (details.childElementCount) return;
      const more = h("div", {});
      put(details, h("div", { className: "scroll" }, h("table", { "aria-label": `${name} on ${exchange}` }, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col", className: ["Rows", "Missing"].includes(head) ? "num" : "" }, head)))), h("tbody", {}, group.map((each) => this.row(each, more))))), more);
    } }, "Show");
    return h("div", { className: "stored-symbol" }, h("div", { className: "row end" }, h("span", {}, h("b", {}, name), h("span", { className: "soft" }, ` ${exchange} · ${group.map(shortOf).join(", ")}`)), toggle), place, details);
  }

  // A bar for each series; holes are left out of it.
  draw(place, group) {
    const [from, to] = this.span;
    const at = (ms) => ((ms - from) / Math.max(to - from, 1)) * WIDTH;
    const bars = group.flatMap((each, row) => {
      const y = row * (HEIGHT + 2);
      const bar = (x, end, fill, tip) => shape("rect", { x, y, width: Math.max(end - x, 1.5), height: HEIGHT, fill }, shape("title", {}, tip));
      const holes = this.holes.get(each)?.holes ?? [];
      const tip = `${shortOf(each)}: ${time(each.first_ms)} to ${time(each.last_ms)}`;
      return [bar(at(each.first_ms), at(each.last_ms), "var(--accent)", tip), ...holes.map((hole) => bar(at(hole.from_ms), at(hole.to_ms), "var(--warn)", `missing: ${time(hole.from_ms)} to ${time(hole.to_ms)}, ${duration(hole.to_ms - hole.from_ms)}`))];
    });
    const label = group.map((each) => `${shortOf(each)} from ${time(each.first_ms)} to ${time(each.last_ms)}`).join("; ");
    put(place, picture(label, WIDTH, group.length * (HEIGHT + 2), bars));
  }

  async askHoles() {
    const series = this.series;
    for (const each of series.filter((one) => one.missing !== 0).slice(0, MOST_ASKED)) {
      if (this.isLeft || series !== this.series) return;
      try {
        await this.holesOf(each);
      } catch {
        return; // its row says so when it is asked for
      }
      for (const [place, group] of this.pictures) if (group.includes(each)) this.draw(place, group);
    }
  }

  async holesOf({ kind, exchange, symbol, period, feature }) {
    const each = this.series.find((one) => one.kind === kind && one.exchange === exchange && one.symbol === symbol && one.period === period && one.feature === feature);
    if (!this.holes.has(each)) this.holes.set(each, await get("/api/data/holes", { kind, exchange, symbol, period, feature }));
    return this.holes.get(each);
  }

  row(each, more) {
    const missing = h("span", {}, each.missing === null ? "…" : count(each.missing));
    if (each.missing === null) this.holesOf(each).then((found) => put(missing, count(found.missing)), () => put(missing, "?"));
    const button = (text, action) => h("button", { type: "button", className: "small", "aria-label": `${text} of ${shortOf(each)}`, onclick: action }, text);
    const isTrue = each.kind === "klines";
    return h(
      "tr", {}, h("td", { title: this.kinds[each.kind] }, shortOf(each)), h("td", {}, time(each.first_ms)), h("td", {}, time(each.last_ms)),
      h("td", { className: "num" }, count(each.rows)), h("td", { className: "num" }, missing), h("td", {}, each.written?.slice(0, 16) ?? "–"),
      h("td", {}, h("div", { className: "row", style: "flex-wrap:nowrap;gap:6px" }, button("Holes", () => this.tell(each, more)), isTrue && button("Chart", () => this.chart(each, more, Math.max(each.first_ms, each.last_ms - 7 * DAY), each.last_ms + 1)))),
    );
  }

  async tell(each, more) {
    put(more, h("p", { className: "soft small", role: "status" }, "Looking for holes …"));
    try {
      const found = await this.holesOf(each);
      if (!found.count) return put(more, h("p", { role: "status" }, `${shortOf(each)}: nothing is missing between the first and the last row.`));
      const row = (hole) => h("tr", {}, h("td", {}, time(hole.from_ms)), h("td", {}, time(hole.to_ms)), h("td", { className: "num" }, duration(hole.to_ms - hole.from_ms)), h("td", { className: "num" }, count(hole.missing)), h("td", {}, each.kind === "klines" && h("button", { type: "button", className: "small jump", onclick: () => this.around(each, hole, more) }, "Show on the chart")));
      put(
        more, h("p", { role: "status" }, `${shortOf(each)}: ${count(found.missing)} rows are missing in ${count(found.count)} ${found.count > 1 ? "holes" : "hole"}${found.count > found.holes.length ? `; the longest ${count(found.holes.length)} of ${count(found.count)} are listed` : ""}.`),
        h("div", { className: "scroll", style: "max-height:300px;overflow:auto" }, h("table", { "aria-label": "Holes" }, h("thead", {}, h("tr", {}, ["From, UTC", "To, UTC", "Length", "Rows missing", unseen("What can be looked at")].map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, found.holes.map(row)))),
        h("div", { className: "hole-chart" }),
      );
    } catch (error) {
      put(more, h("p", { className: "bad", role: "alert" }, error.message));
    }
  }

  around(each, hole, more) {
    const wide = Math.max(hole.to_ms - hole.from_ms, 3600000);
    const place = more.querySelector(".hole-chart");
    return this.chart(each, place, Math.max(hole.from_ms - wide, 0), hole.to_ms + wide);
  }

  // The klines of a window.
  async chart(each, place, from, to) {
    for (const chart of this.charts.keys()) chart.remove();
    this.charts.clear();
    const box = h("div", { className: "chart low", role: "img", "aria-label": `Klines of ${each.symbol}, ${each.period}` });
    const said = h("p", { className: "soft small", role: "status" });
    put(place, said, box);
    try {
      const klines = await get("/api/klines", { exchange: each.exchange, symbol: each.symbol, start: Math.round(from), end: Math.round(to), period: each.period, points: 1500 });
      if (this.isLeft) return;
      const chart = createChart(box, chartOptions());
      const candles = addCandles(chart);
      candles.setData(candlesOf(klines));
      this.charts.set(chart, candles);
      chart.timeScale().fitContent();
      box.ariaLabel = `${shortOf(each)} of ${each.symbol}, ${klines.time.length ? `${price(Math.min(...klines.low))} to ${price(Math.max(...klines.high))}` : "none"}`;
      put(said, `${time(from)} to ${time(to)} UTC, ${count(klines.time.length)} ${klines.period} klines`);
    } catch (error) {
      put(said, h("span", { className: "bad" }, error.message));
    }
  }
}

function shortOf({ kind, period, feature }) {
  if (feature) return `feature ${feature}`;
  return kind === "klines" ? `${period} klines` : kind === "mark" ? `${period} mark klines` : kind;
}
