// Price, equity and drawdown on one time axis. The window that is looked at decides which klines are fetched:
// from a year in long ones to a minute in short ones, never more than a few thousand at a time.

import {
  AreaSeries, CandlestickSeries, ColorType, LineSeries, PriceScaleMode, createChart, createSeriesMarkers,
} from "./vendor/lightweight-charts.js";
import { get } from "./api.js";
import { BracketLines } from "./brackets.js";
import { h, put, select, settled } from "./dom.js";
import { FaultSpans } from "./faults.js";
import { count, number, price, time } from "./format.js";
import { lowerBound } from "./packed.js";
import { words } from "./vocabulary.js";

const POINTS = 1500;
const HOUR = 3600000;
const MOST_RECORDS = 12; // panels below: of more series the first
const RECORD_HEIGHT = 90;
const MOST_MARKS = 300; // of more marks so many are drawn, spread evenly
const MOVES = 0.618034; // so much of its part further on each one stands, or kinds that take turns would be lost
const WIDE = 4; // times as high the highest is where a scale is logarithmic

const BOTH = { decided: "touched two exits, finer rows tell: ", ambiguous: "touched two exits, nothing tells which first, by rule: " };

export function colours() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  return { card: value("--card"), text: value("--text"), soft: value("--soft"), line: value("--line"), accent: value("--accent"), good: value("--good"), bad: value("--bad"), warn: value("--warn") };
}

export function chartOptions() {
  const look = colours();
  return {
    autoSize: true,
    layout: { background: { type: ColorType.Solid, color: look.card }, textColor: look.soft, panes: { separatorColor: look.line }, fontSize: 11 },
    grid: { vertLines: { color: look.line }, horzLines: { color: look.line } },
    rightPriceScale: { borderColor: look.line, minimumWidth: 76 },
    timeScale: { borderColor: look.line, timeVisible: true, secondsVisible: false, minBarSpacing: 0.05 },
    crosshair: { mode: 0 },
    localization: { locale: "en", timeFormatter: (seconds) => `${time(seconds * 1000)} UTC` },
  };
}

const candleColours = ({ good, bad }) => ({ upColor: good, downColor: bad, wickUpColor: good, wickDownColor: bad });

export const addCandles = (chart, more) => chart.addSeries(CandlestickSeries, { borderVisible: false, ...candleColours(colours()), ...more });

// Klines without prices are instants alone.
export const candlesOf = (klines) => rowsOf({ ...klines, time: klines.time.map((at) => at / 1000) }, klines.is_priced === false ? ["time"] : ["time", "open", "high", "low", "close"]);

// How far the curve goes within a kline: behind its line.
const spanColours = ({ accent }) => ({ upColor: "transparent", downColor: "transparent", wickUpColor: `${accent}66`, wickDownColor: `${accent}66` });

export class ResultChart {
  constructor(result) {
    this.result = result;
    this.hidden = new Set(["trigger"]);
    this.candles = null;
    this.turn = 0;
    this.followLater = settled(() => this.follow(), 150);
    this.box = h("div", { className: "chart", tabIndex: 0, role: "img", "aria-label": "Price, equity and drawdown. Arrow keys move, plus and minus zoom, Home shows everything.", onkeydown: (event) => this.onKey(event) });
    this.legend = h("div", { className: "chart-legend" });
    this.period = h("span", { className: "soft small" });
    this.hint = h("span", { className: "soft small" });
    this.symbol = select({ "aria-label": "Symbol", style: "width:auto", onchange: () => this.setSymbol() }, result.symbols.map((name) => [name, name]));
    const zooms = [["All", 0], ["30 d", 720], ["7 d", 168], ["1 d", 24], ["4 h", 4], ["30 m", 0.5]];
    const buttons = zooms.map(([text, hours]) => h("button", { type: "button", onclick: () => this.zoomTo(hours) }, text));
    const keys = Object.entries(words.marks).map(([kind, { label }]) => this.toggle(kind, label));
    this.element = h("div", {}, h("div", { className: "row" }, this.symbol, buttons, this.period, this.hint), h("div", { className: "row", style: "margin:8px 0" }, keys), this.legend, this.box);
  }

  toggle(kind, text) {
    const button = h("button", { type: "button", className: "small", "aria-pressed": String(!this.hidden.has(kind)) }, text);
    button.addEventListener("click", () => {
      if (!this.hidden.delete(kind)) this.hidden.add(kind);
      button.setAttribute("aria-pressed", String(!this.hidden.has(kind)));
      this.loadTriggers();
    });
    return button;
  }

  async start() {
    const look = (this.look = colours());
    this.chart = createChart(this.box, chartOptions());
    const quiet = { priceLineVisible: false };
    this.priceSeries = addCandles(this.chart, quiet);
    this.equitySeries = this.chart.addSeries(LineSeries, { color: look.accent, lineWidth: 2, title: "equity", ...quiet }, 1);
    this.spanSeries = this.chart.addSeries(CandlestickSeries, { ...spanColours(look), borderVisible: false, lastValueVisible: false, ...quiet }, 1);
    this.drawdownSeries = this.chart.addSeries(AreaSeries, { lineColor: look.bad, topColor: `${look.bad}22`, bottomColor: `${look.bad}66`, invertFilledArea: true, lineWidth: 1, title: "drawdown", ...quiet }, 2);
    const [top, middle, bottom] = this.chart.panes();
    top.setStretchFactor(5);
    middle.setStretchFactor(2);
    bottom.setStretchFactor(1.3);
    this.marks = createSeriesMarkers(this.priceSeries, []);
    this.brackets = new BracketLines({ slot: (at) => this.slot(at), colour: (tone) => this.look[tone], tell: (hidden) => this.tell("lines", hidden && `${count(hidden)} lines of trades in sight: zoom in to see them`) });
    this.priceSeries.attachPrimitive(this.brackets);
    this.faults = new FaultSpans({ slot: (at) => this.slot(at), colour: (tone) => this.look[tone] });
    this.priceSeries.attachPrimitive(this.faults);
    this.chart.timeScale().subscribeVisibleLogicalRangeChange(() => this.onMove());
    this.chart.subscribeCrosshairMove((at) => this.onCrosshair(at));
    this.onTheme = () => this.restyle();
    window.addEventListener("theme", this.onTheme);
    const of = `/api/backtests/${this.result.id}`;
    [this.equity, this.records, this.lines] = await Promise.all([get(`${of}/equity`, { points: 2000 }), get(`${of}/records`), get(`${of}/brackets`)]);
    this.lines = rowsOf(this.lines);
    this.addRecords(look, quiet);
    this.range = [this.equity.timestamp[0], this.equity.timestamp.at(-1)];
    await this.setSymbol();
    window.perpsim = { ...window.perpsim, chart: this };
  }

  // What the program recorded: a panel for each series, below the others.
  addRecords(look, quiet) {
    const names = Object.keys(this.records).slice(0, MOST_RECORDS);
    this.recordSeries = new Map(names.map((name, place) => [name, this.chart.addSeries(LineSeries, { color: look.warn, lineWidth: 1, title: name, ...quiet }, 3 + place)]));
    if (names.length) this.box.style.height = `${this.box.offsetHeight + names.length * RECORD_HEIGHT}px`;
  }

  stop() {
    window.removeEventListener("theme", this.onTheme);
    this.chart?.remove();
  }

  restyle() {
    const look = (this.look = colours());
    this.chart.applyOptions(chartOptions());
    this.priceSeries.applyOptions(candleColours(look));
    this.equitySeries.applyOptions({ color: look.accent });
    this.spanSeries.applyOptions(spanColours(look));
    this.drawMarks();
  }

  async setSymbol() {
    const query = { symbol: this.symbol.value, most: 20000, with_triggers: false };
    this.brackets.setLines([]);
    this.faults.setFaults([]);
    this.candles = null;
    this.triggers = null;
    const [trades] = await Promise.all([get(`/api/backtests/${this.result.id}/markers`, query), this.load(...this.range)]);
    this.trades = rowsOf(trades.columns);
    this.brackets.setLines(this.lines.filter((line) => line.symbol === this.symbol.value));
    this.faults.setFaults(this.result.faults.filter(({ symbols }) => symbols.includes(this.symbol.value)));
    this.drawMarks();
  }

  // Fetch the klines of a window, and show [from, to] of it (everything when not given).
  async load(start, end, from = start, to = end) {
    const turn = ++this.turn;
    const margin = Math.max((end - start) * 0.02, 3600000);
    const low = Math.round(Math.max(start - margin, 0));
    const found = await get("/api/klines", { exchange: this.result.exchange, symbol: this.symbol.value, start: low, end: Math.round(end + margin), points: POINTS, ...this.asSeen });
    if (this.equity.whole && end - start < (this.range[1] - this.range[0]) / 2) this.equity = await this.equity.whole();
    if (turn !== this.turn) return;
    this.candles = found;
    this.loading = true;
    this.priceSeries.setData(candlesOf(found));
    scaled(this.priceSeries, found.low, found.high);
    this.drawEquity();
    put(this.period, found.is_priced === false ? "without prices" : `${found.period} klines`);
    this.show(from, to);
    await this.loadTriggers();
    this.loading = false;
  }

  // Of a run with faults the klines are those that it saw.
  get asSeen() {
    return this.result.faults.length && this.result.id ? { backtest: this.result.id } : {};
  }

  // From the first kline at hand to the end of the last.
  get reach() {
    const { time: times, period_ms: period } = this.candles;
    return [times[0], times.at(-1) + period];
  }

  // The curve is put onto the klines' times: the last value in each kline, the lowest and the highest, and the deepest
  // drawdown.
  drawEquity() {
    const { timestamp, equity, drawdown } = this.equity;
    const levels = this.slotted(timestamp, equity);
    scaled(this.equitySeries, levels.map(({ low }) => low), levels.map(({ high }) => high));
    this.equitySeries.setData(levels.map(({ time: at, last }) => ({ time: at, value: last })));
    this.spanSeries.setData(levels.map(({ time: at, last, low, high }) => ({ time: at, open: last, close: last, low, high })));
    this.drawdownSeries.setData(this.slotted(timestamp, drawdown).map(({ time: at, high }) => ({ time: at, value: -high })));
    for (const [name, series] of this.recordSeries) series.setData(this.slotted(this.records[name].timestamp, this.records[name].value).map(({ time: at, last }) => ({ time: at, value: last })));
  }

  // Last, lowest and highest value of each kline in which there are any; a kline lasts until the next one opens.
  slotted(timestamps, values) {
    const { time: opens } = this.candles;
    const found = [];
    if (!opens.length) return found;
    const [first, over] = this.reach;
    let place = lowerBound(timestamps, first);
    for (let kline = 0; kline < opens.length && place < timestamps.length; kline += 1) {
      const stop = kline + 1 < opens.length ? opens[kline + 1] : over + 1;
      if (timestamps[place] >= stop) continue;
      const end = Math.max(lowerBound(timestamps, stop, place), place + 1);
      let low = values[place];
      let high = low;
      for (; place < end; place += 1) {
        const value = values[place];
        if (value < low) low = value;
        else if (value > high) high = value;
      }
      found.push({ time: opens[kline] / 1000, last: values[end - 1], low, high });
    }
    return found;
  }

  // The open of the kline that an instant is drawn on: the last one that has opened.
  slot(at) {
    const times = this.candles.time;
    let low = 0;
    let high = times.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (times[middle] <= at) low = middle;
      else high = middle - 1;
    }
    return times[low];
  }

  // The marks anew, with the triggers of the window where these are shown.
  async loadTriggers() {
    if (!this.hidden.has("trigger") && this.candles?.time.length) {
      const [from, to] = this.window();
      const query = { symbol: this.symbol.value, start: Math.round(Math.max(from, 0)), end: Math.round(to), most: 20000 };
      const found = await get(`/api/backtests/${this.result.id}/markers`, query);
      this.triggers = rowsOf(found.columns).filter((mark) => mark.kind === "trigger");
    }
    this.drawMarks();
  }

  // One mark for all that is the same on one kline.
  drawMarks() {
    if (!this.candles?.time.length || !this.trades) return;
    const { look } = this;
    const [first, last] = this.reach;
    const groups = new Map();
    for (const mark of [...this.trades, ...(this.hidden.has("trigger") ? [] : this.triggers || [])]) {
      if (this.hidden.has(mark.kind) || mark.time < first || mark.time > last) continue;
      const at = this.slot(mark.time);
      const key = `${at} ${mark.kind} ${mark.kind === "trigger" ? "" : mark.side}`;
      const group = groups.get(key) || { at, mark, count: 0 };
      group.count += 1;
      groups.set(key, group);
    }
    const drawn = [...groups.values()].sort((a, b) => a.at - b.at);
    const withText = drawn.length < 150;
    const shown = spread(drawn, MOST_MARKS);
    this.tell("marks", shown.length < drawn.length && `${count(shown.length)} of ${count(drawn.length)} marks are drawn`);
    this.marks.setMarkers(shown.map(({ at, mark, count }) => markOf(at, mark, count, withText, look)));
    this.drawn = drawn;
  }

  // The exits in a kline that touched two of one entry.
  touchesIn(at) {
    return (this.trades ?? []).filter((mark) => BOTH[mark.kind] && this.slot(mark.time) === at);
  }

  // What is not drawn, in words beside the period.
  tell(name, text) {
    this.told = { ...this.told, [name]: text };
    put(this.hint, Object.values(this.told).filter(Boolean).join(" · "));
  }

  show(from, to) {
    const times = this.candles.time;
    if (!times.length) return;
    const place = (at) => (at - times[0]) / this.candles.period_ms;
    this.chart.timeScale().setVisibleLogicalRange({ from: place(from), to: Math.max(place(to), place(from) + 5) });
  }

  window() {
    const range = this.chart.timeScale().getVisibleLogicalRange();
    const { time: times, period_ms: period } = this.candles;
    return range ? [times[0] + range.from * period, times[0] + range.to * period] : this.reach;
  }

  onMove() {
    if (this.loading || !this.candles?.time.length) return;
    this.followLater();
  }

  // After a move or zoom: other klines when those at hand are too coarse, too fine, or do not reach.
  follow() {
    if (!this.box.isConnected) return;
    const [from, to] = this.window();
    const { time: times, period_ms: period } = this.candles;
    const shown = (to - from) / period;
    const [start, end] = this.range;
    const [first, last] = this.reach;
    const isBeyond = Math.max(from, start) < first - period || Math.min(to, end) > last + period;
    const tooCoarse = shown < 100 && period > 60000;
    const tooFine = shown > POINTS && times.length >= POINTS - 50;
    if (!isBeyond && !tooCoarse && !tooFine) {
      this.loadTriggers();
      return;
    }
    const span = to - from;
    this.load(Math.max(from - span, start), Math.min(to + span, end), from, to);
  }

  zoomTo(hours) {
    const [start, end] = this.range;
    if (!hours) return this.load(start, end);
    const [from, to] = this.window();
    const middle = Math.min(Math.max((from + to) / 2, start), end);
    return this.focus(middle - (hours * HOUR) / 2, middle + (hours * HOUR) / 2);
  }

  focus(from, to) {
    const span = to - from;
    return this.load(from - span, to + span, from, to);
  }

  async showTrade(trade) {
    if (this.symbol.value !== trade.symbol) {
      this.symbol.value = trade.symbol;
      await this.setSymbol();
    }
    const span = Math.max(trade.exit_timestamp - trade.entry_timestamp, 30 * 60000);
    await this.focus(trade.entry_timestamp - span * 0.6, trade.exit_timestamp + span * 0.6);
    this.box.scrollIntoView({ behavior: "smooth", block: "center" });
  }

  onKey(event) {
    const [from, to] = this.window();
    const span = to - from;
    const moves = { ArrowLeft: [-0.25, -0.25], ArrowRight: [0.25, 0.25], "+": [0.25, -0.25], "=": [0.25, -0.25], "-": [-0.5, 0.5] };
    if (event.key === "Home") this.zoomTo(0);
    else if (moves[event.key]) this.show(from + moves[event.key][0] * span, to + moves[event.key][1] * span);
    else return;
    event.preventDefault();
  }

  onCrosshair(at) {
    const candle = at.seriesData?.get(this.priceSeries);
    const equity = at.seriesData?.get(this.equitySeries);
    const fall = at.seriesData?.get(this.drawdownSeries);
    if (!candle) return put(this.legend, "");
    return put(
      this.legend,
      `${time(candle.time * 1000)}  O ${price(candle.open)}  H ${price(candle.high)}  L ${price(candle.low)}  C ${price(candle.close)}`,
      equity ? `  equity ${number(equity.value)}` : "",
      fall ? `  drawdown ${number(-fall.value)}` : "",
      ...this.faults.within(candle.time * 1000, candle.time * 1000 + this.candles.period_ms).map(({ name, about, effect }) => `  ${name}: ${about}${effect && `; ${effect}`}`),
      ...this.touchesIn(candle.time * 1000).map(({ kind, side }) => `  ${BOTH[kind]}${words.marks[side]?.label.toLowerCase() ?? side} first`),
      ...[...this.recordSeries].map(([name, series]) => [name, at.seriesData.get(series)]).map(([name, seen]) => (seen ? `  ${name} ${number(seen.value)}` : "")),
    );
  }
}

// A wide range on a logarithmic scale.
function scaled(series, lows, highs) {
  const low = lows.reduce((least, value) => Math.min(least, value), Infinity);
  const high = highs.reduce((most, value) => Math.max(most, value), -Infinity);
  series.priceScale().applyOptions({ mode: low > 0 && high > WIDE * low ? PriceScaleMode.Logarithmic : PriceScaleMode.Normal });
}

// At most so many of a list, spread evenly over it.
function spread(list, most) {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, place) => list[Math.floor(((place + ((place * MOVES) % 1)) * list.length) / most)]);
}

function markOf(at, mark, count, withText, look) {
  const { label, tone, shape } = words.marks[mark.kind] ?? { label: mark.kind, tone: "soft", shape: "circle" };
  const isLong = mark.side !== "short";
  const isEntry = mark.kind === "entry";
  const isTrigger = mark.kind === "trigger";
  const times = count > 1 ? ` ×${count}` : "";
  return {
    time: at / 1000,
    position: isTrigger || isEntry === isLong ? "belowBar" : "aboveBar",
    shape: shape === "arrow" ? (isLong ? "arrowUp" : "arrowDown") : shape,
    color: look[tone],
    size: isTrigger ? 0.4 : withText ? 1 : 0.5,
    text: BOTH[mark.kind] ? (mark.kind === "decided" ? "!" : "?") : withText && !isTrigger ? `${isEntry ? (isLong ? "Long" : "Short") : label}${times}` : "",
  };
}

function rowsOf(columns, names = Object.keys(columns)) {
  return columns[names[0]].map((_, place) => Object.fromEntries(names.map((name) => [name, columns[name][place]])));
}

export { LineSeries, createChart };
