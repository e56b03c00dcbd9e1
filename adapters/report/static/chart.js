// The chart of a result: price, equity and drawdown on one time axis. This puts together what stands in chart/.
//
// A part of the chart has what it needs of these: `attach(chart, look)` adds its series, `load()` fetches what it shows of
// the whole run, `clear()`, `ask(symbol)` and `choose(symbol)` are for another symbol: before its klines are fetched,
// beside them, and when they are there; `reach(span)` fetches what a window of that length takes beside its klines,
// `draw()` draws on those at hand, `moved()` follows when another window of them is looked at, `restyle(look)` takes
// another theme, and `told(values, at)` is its share of the line below the crosshair.

import { createChart } from "./vendor/lightweight-charts.js";
import { get } from "./api.js";
import { Axis } from "./chart/axis.js";
import { Controls } from "./chart/controls.js";
import { Equity } from "./chart/equity.js";
import { FaultSpans } from "./chart/faults.js";
import { onKey } from "./chart/keyboard.js";
import { Legend } from "./chart/legend.js";
import { BracketLines } from "./chart/lines.js";
import { chartOptions, colours } from "./chart/look.js";
import { Marks } from "./chart/marks.js";
import { Prices } from "./chart/prices.js";
import { Records } from "./chart/records.js";
import { Windows } from "./chart/windows.js";
import { h } from "./dom.js";

const STRETCH = [5, 2, 1.3]; // price, equity, drawdown
const LEAST_SHOWN = 30 * 60000; // around a trade

export class ResultChart {
  constructor(result) {
    this.result = result;
    const address = `/api/backtests/${result.id}`;
    this.box = h("div", { className: "chart", tabIndex: 0, role: "img", "aria-label": "Price, equity and drawdown. Arrow keys move, plus and minus zoom, Home shows everything.", onkeydown: (event) => onKey(event, this.windows) });
    this.controls = new Controls(result.symbols, { onSymbol: () => this.setSymbol(), onZoom: (hours) => this.windows.zoomTo(hours) });
    const axis = (this.axis = new Axis());
    const tell = (name, text) => this.controls.tell(name, text);
    this.windows = new Windows({ axis, box: this.box, ask: (range, span) => this.klines(range, span), draw: () => this.draw(), moved: () => this.all("moved") });
    const prices = (this.prices = new Prices(axis));
    this.equity = new Equity(axis, address);
    this.marks = new Marks({ axis, prices, address, shown: () => this.windows.shown, tell });
    this.lines = new BracketLines({ axis, prices, address, tell });
    this.faults = new FaultSpans({ axis, prices, faults: result.faults });
    this.records = new Records(axis, address, this.box);
    this.parts = [prices, this.equity, this.marks, this.lines, this.faults, this.records];
    this.legend = new Legend(axis, prices, [prices, this.equity, this.faults, this.marks, this.records]);
    this.element = h("div", {}, this.controls.element, h("div", { className: "row", style: "margin:8px 0" }, this.marks.toggles), this.legend.element, this.box);
  }

  // Let all parts that can do something do it.
  all(what, ...given) {
    return Promise.all(this.parts.map((part) => part[what]?.(...given)));
  }

  async start() {
    const look = colours();
    this.chart = createChart(this.box, chartOptions());
    this.all("attach", this.chart, look);
    this.chart.panes().forEach((pane, place) => pane.setStretchFactor(STRETCH[place]));
    this.windows.attach(this.chart);
    this.legend.attach(this.chart);
    this.onTheme = () => this.restyle();
    window.addEventListener("theme", this.onTheme);
    await this.all("load");
    this.records.addPanels(this.chart, look);
    this.windows.range = this.equity.range;
    await this.setSymbol();
    window.perpsim = { ...window.perpsim, chart: this };
  }

  stop() {
    window.removeEventListener("theme", this.onTheme);
    this.chart?.remove();
  }

  restyle() {
    this.chart.applyOptions(chartOptions());
    this.all("restyle", colours());
  }

  async setSymbol() {
    const symbol = this.controls.symbol.value;
    this.all("clear");
    this.axis.klines = null;
    await Promise.all([this.all("ask", symbol), this.windows.load(...this.windows.range)]);
    this.all("choose", symbol);
  }

  // The klines of a window, once everything else that it takes is at hand.
  async klines(range, span) {
    const found = await get("/api/klines", { exchange: this.result.exchange, symbol: this.controls.symbol.value, ...range, ...this.asSeen });
    await this.all("reach", span);
    return found;
  }

  // Of a run with faults the klines are those that it saw.
  get asSeen() {
    return this.result.faults.length && this.result.id ? { backtest: this.result.id } : {};
  }

  draw() {
    this.all("draw");
    this.controls.tellPeriod(this.axis.klines);
  }

  showRange(from, to) {
    return this.windows.focus(from, to);
  }

  async showTrade(trade) {
    if (this.controls.symbol.value !== trade.symbol) {
      this.controls.symbol.value = trade.symbol;
      await this.setSymbol();
    }
    const span = Math.max(trade.exit_timestamp - trade.entry_timestamp, LEAST_SHOWN);
    await this.windows.focus(trade.entry_timestamp - span * 0.6, trade.exit_timestamp + span * 0.6);
    this.box.scrollIntoView({ behavior: "smooth", block: "center" });
  }
}
