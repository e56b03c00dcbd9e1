// When a pool, or conditions that are tried out, would have fired: on the chart, by day, and one by one.

import { get, post } from "../api.js";
import { createChart, createSeriesMarkers } from "../vendor/lightweight-charts.js";
import { addCandles, candleColours, candlesOf, chartOptions, colours, onTheme } from "../chart/look.js";
import { h, options, put } from "../dom.js";
import { count, number, time } from "../format.js";
import { chosenBar, picture } from "../svg.js";

const DAY = 86400000;
const POINTS = 1500;
const ROWS = 100; // of the firings so many are listed at a time
const MOST_MARKS = 1000; // of more than these kline by kline not all are drawn, which is said
const RANGES = [["7", "7 days"], ["14", "14 days"], ["30", "30 days"], ["90", "90 days"], ["all", "all"]];

export class PoolPreview {
  constructor(series) {
    Object.assign(this, { series, pool: null, chart: null, found: null, turn: 0 });
    this.exchanges = [...new Set(series.map((each) => each.exchange))];
    this.exchange = h("select", { name: "preview-exchange", onchange: () => this.listSymbols() }, options(this.exchanges.map((each) => [each, each])));
    this.symbol = h("select", { name: "preview-symbol", onchange: () => this.setRange() });
    this.start = h("input", { type: "datetime-local", name: "preview-start" });
    this.end = h("input", { type: "datetime-local", name: "preview-end" });
    this.what = h("b", { id: "preview-what" }, "nothing chosen yet");
    this.note = h("p", { className: "bad", role: "alert" });
    this.market = h("p", { className: "warn small" });
    this.old = h("p", { className: "warn small", role: "status" });
    this.summary = h("p", { id: "preview-summary", "aria-live": "polite" });
    this.box = h("div", { className: "chart low", style: "height:360px", hidden: true, role: "img", "aria-label": "The price, with a mark at each firing; the firings stand in the table below" });
    this.around = h("div", { className: "row", style: "margin:6px 0" });
    this.days = h("div", {});
    this.list = h("div", {});
    const label = (title, input) => h("label", {}, h("span", {}, title), input);
    const ranges = RANGES.map(([days, text]) => h("button", { type: "button", className: "small", onclick: () => (this.setRange(days), this.show()) }, text));
    this.element = h(
      "form", { className: "card", oninput: () => this.tellOld(), onsubmit: (event) => { event.preventDefault(); this.show(); } },
      h("h2", {}, "When it fires"), h("p", {}, "Of ", this.what),
      h("div", { className: "fields wide" }, label("Exchange", this.exchange), label("Symbol", this.symbol), label("Start, UTC", this.start), label("End, UTC", this.end)),
      h("div", { className: "row", style: "margin-top:10px" }, h("button", { className: "primary", id: "preview" }, "Show when it fires"), ranges),
      this.market, this.note, this.old, this.summary, this.box, this.around, this.days, this.list,
    );
    this.unthemed = onTheme(() => this.retone());
    this.listSymbols();
  }

  leave() {
    this.unthemed();
    this.chart?.remove();
  }

  listSymbols() {
    const there = [...new Set(this.series.filter((each) => each.exchange === this.exchange.value).map((each) => each.symbol))];
    put(this.symbol, options(there.map((each) => [each, each])));
    this.setRange();
  }

  setRange(days = "14") {
    const stored = this.series.find((each) => each.exchange === this.exchange.value && each.symbol === this.symbol.value); // the shortest period
    if (!stored) return;
    const { first_ms: first, last_ms: last } = stored;
    const from = days === "all" ? first : Math.max(first, last - Number(days) * DAY);
    this.start.value = new Date(from).toISOString().slice(0, 16);
    this.end.value = new Date(last).toISOString().slice(0, 16);
  }

  // What is asked for above is not what is shown below.
  tellOld() {
    if (this.pool) put(this.old, "Changed since: what is shown below is of the earlier choice until “Show when it fires” is pressed.");
  }

  get range() {
    return { exchange: this.exchange.value, symbol: this.symbol.value, start_time: `${this.start.value}Z`, end_time: `${this.end.value}Z` };
  }

  // A stored pool or a draft, on its own exchange and the first of its symbols that has klines.
  choose(pool) {
    this.pool = pool;
    put(this.what, pool.name || "the conditions above");
    put(this.market);
    if (!pool.exchange || this.exchanges.includes(pool.exchange)) {
      if (pool.exchange && pool.exchange !== this.exchange.value) {
        this.exchange.value = pool.exchange;
        this.listSymbols();
      }
    } else put(this.market, `No klines of ${pool.exchange}, its own exchange, are stored: this is ${this.exchange.value || "nothing"}.`);
    const there = [...this.symbol.options].map((each) => each.value);
    const own = (pool.symbols ?? []).find((each) => there.includes(each));
    if (own && !pool.symbols.includes(this.symbol.value)) {
      this.symbol.value = own;
      this.setRange();
    } else if (pool.symbols?.length && !own) put(this.market, `No klines of its symbols (${pool.symbols.join(", ")}) are stored on ${this.exchange.value}.`);
    return this.show();
  }

  async show() {
    if (!this.pool) return;
    const turn = ++this.turn;
    put(this.note);
    put(this.old);
    put(this.summary, h("span", { className: "soft" }, "Looking at the range …"));
    const asked = this.pool.id ? { pool_id: this.pool.id } : { conditions: this.pool.conditions, logic: this.pool.logic };
    try {
      const found = await post("/api/pools/preview", { ...asked, ...this.range });
      if (turn !== this.turn) return;
      this.found = found;
      this.whole = [Date.parse(`${this.start.value}Z`), Date.parse(`${this.end.value}Z`)];
      this.tell();
      await this.look(...this.whole);
    } catch (error) {
      if (turn !== this.turn) return;
      put(this.summary);
      put(this.note, error.problems?.length ? error.problems.map((each) => `${each.field || ""} ${each.message}`.trim()).join("; ") : error.message);
    }
  }

  tell() {
    const { found } = this;
    put(
      this.summary, h("b", {}, `${found.name} fired ${count(found.trigger_count)} times, ${number(found.per_day)} a day`),
      h("span", { className: "soft" }, ` · ${count(found.check_points)} check points, ${count(found.undefined)} of them undecided${found.times.length ? ` · first ${time(found.times[0])}` : ""}${found.times.length < found.trigger_count ? ` · the first ${count(found.times.length)} of ${count(found.trigger_count)} are shown: a shorter range has all` : ""}`),
    );
    put(this.note, found.warnings.join("; "));
    this.drawDays();
    this.listFrom(0);
  }

  // The klines of a window, and the firings in it.
  async look(from, to) {
    const turn = this.turn;
    const { exchange, symbol } = this.found;
    const klines = await get("/api/klines", { exchange, symbol, start: Math.round(Math.max(from, 0)), end: Math.round(to), points: POINTS });
    if (turn !== this.turn) return;
    this.box.hidden = false;
    if (!this.chart) {
      this.chart = createChart(this.box, chartOptions());
      this.candles = addCandles(this.chart);
      this.markers = createSeriesMarkers(this.candles, []);
    }
    this.candles.setData(candlesOf(klines));
    this.klines = klines;
    this.mark();
    this.chart.timeScale().fitContent();
    const whole = from === this.whole[0] && to === this.whole[1];
    put(this.around, h("span", { className: "soft small" }, `${time(from)} to ${time(to)} UTC, ${klines.period} klines; ${this.said}`), !whole && h("button", { type: "button", className: "small", onclick: () => this.look(...this.whole) }, "Whole range"));
  }

  mark() {
    const { period_ms: period, time: opens } = this.klines;
    const slots = new Map();
    let inside = 0;
    const last = opens.length ? opens.at(-1) + period : 0;
    for (const at of this.found.times) {
      if (!opens.length || at < opens[0] || at > last) continue;
      inside += 1;
      const slot = Math.min(at - (at % period), opens.at(-1));
      slots.set(slot, (slots.get(slot) || 0) + 1);
    }
    const all = [...slots];
    const step = Math.ceil(all.length / MOST_MARKS);
    const drawn = all.filter((_, place) => place % step === 0);
    const color = colours().accent;
    this.marks = drawn.map(([at, times]) => ({ time: at / 1000, position: "belowBar", shape: "arrowUp", color, text: times > 1 && drawn.length < 150 ? `×${times}` : "" }));
    this.markers.setMarkers(this.marks);
    this.said = `${count(inside)} of ${count(this.found.trigger_count)} firings${drawn.length < all.length ? `, ${count(drawn.length)} of ${count(all.length)} marks are drawn` : ""}`;
    window.perpsim = { ...window.perpsim, preview: { found: this.found, marks: this.marks } };
  }

  retone() {
    if (!this.chart) return;
    this.chart.applyOptions(chartOptions());
    this.candles.applyOptions(candleColours(colours()));
    this.mark();
  }

  drawDays() {
    const { by_day: days, first_day: first } = this.found;
    const [width, height, most] = [1000, 70, Math.max(...days, 1)];
    const wide = width / days.length;
    const bars = days.map((each, place) => {
      const tall = each ? Math.max((height * each) / most, 2) : 0;
      const from = first + place * DAY;
      return chosenBar(`${time(from).slice(0, 10)}: ${count(each)}`, { x: place * wide + wide * 0.08, y: height - tall, width: wide * 0.84, height: tall, fill: "var(--accent)" }, each && days.length <= 120 ? () => this.look(from, from + DAY) : null);
    });
    const none = days.filter((each) => !each).length;
    put(this.days, h("p", { className: "small soft", style: "margin-bottom:2px" }, `By day, UTC: most ${count(most === 1 && !this.found.trigger_count ? 0 : most)}, none on ${count(none)} of ${count(days.length)} days`), picture(`Firings by day: ${days.length} days, at most ${most} a day`, width, height, bars, "group"));
  }

  listFrom(offset) {
    const { times, firings } = this.found;
    if (!times.length) return put(this.list);
    const row = (at, place) => h("tr", {}, h("td", { className: "num" }, count(offset + place + 1)), h("td", {}, h("button", { type: "button", className: "small jump", onclick: () => this.jump(at) }, time(at))), h("td", { className: "wrap" }, firings[offset + place]?.told.join("; ") ?? ""));
    const last = Math.min(offset + ROWS, times.length);
    const move = (to, text) => h("button", { type: "button", disabled: to < 0 || to >= times.length, onclick: () => this.listFrom(to) }, text);
    put(
      this.list,
      h("div", { className: "scroll", style: "max-height:340px;overflow:auto;margin-top:10px" }, h("table", { "aria-label": "Firings" }, h("thead", {}, h("tr", {}, ["#", "Time, UTC", "What its signals saw"].map((each) => h("th", { scope: "col" }, each)))), h("tbody", {}, times.slice(offset, last).map(row)))),
      h("div", { className: "row", style: "margin-top:8px" }, move(offset - ROWS, "‹ Previous"), move(offset + ROWS, "Next ›"), h("span", { className: "soft small" }, `${count(offset + 1)} to ${count(last)} of ${count(this.found.trigger_count)}`)),
    );
  }

  // The hours around a firing.
  async jump(at) {
    await this.look(at - DAY / 4, at + DAY / 4);
    this.box.scrollIntoView({ block: "nearest" });
  }
}
