// The chart of a result: price, equity and drawdown on one time axis. This puts together what stands in chart/.
//
// A part of the chart has what it needs of these: `attach(chart, look)` adds its series; `load()` brings what it shows of
// the whole run, beside the first window; `clear()`, `ask(symbol)` and `choose(symbol)` are for another symbol: before its klines are fetched, beside them, and when they are there;
// `bring(range, symbol)` gives what it shows of a window, beside its klines, and `take(answer)` gets that when the window
// is shown; `draw(look)` draws on the klines at hand, `moved()` follows when another window of them is looked at,
// `showTrade(trade)` and `showTrigger(trigger)` follow what is chosen, `highlight(trade)`
// sets off what belongs to a trade, `restyle(look)` takes another theme, `said(at)` is what it says of an instant, and `told(values, at)` what it says of the kline below the crosshair. A part that fails is
// named below the chart, and the others go on.
//
// `element` has the events `window` (detail: from, to) when another window is looked at, `choosetrade` and
// `choosetrigger` (index).

import { createChart } from "./vendor/lightweight-charts.js";
import { get } from "./api.js";
import { Axis } from "./chart/axis.js";
import { ChosenInstant } from "./chart/chosen.js";
import { Controls } from "./chart/controls.js";
import { Equity } from "./chart/equity.js";
import { Exposure } from "./chart/overlays/exposure.js";
import { FaultSpans } from "./chart/faults.js";
import { FundingMarks } from "./chart/overlays/funding.js";
import { Holding } from "./chart/overlays/holding.js";
import { IndicatorLines, askedIndicators } from "./chart/overlays/indicators.js";
import { onKey } from "./chart/keyboard.js";
import { Legend } from "./chart/legend.js";
import { BracketLines } from "./chart/lines.js";
import { chartOptions, colours, onTheme } from "./chart/look.js";
import { Marks } from "./chart/marks.js";
import { MarkTips } from "./chart/marktips.js";
import { Overlays } from "./chart/overlays.js";
import { Panels } from "./chart/panels.js";
import { Prices } from "./chart/prices.js";
import { Records } from "./chart/records.js";
import { Scales } from "./chart/scale.js";
import { SignalMarks } from "./chart/overlays/signals.js";
import { Titles } from "./chart/titles.js";
import { Troubles } from "./chart/troubles.js";
import { Volume } from "./chart/overlays/volume.js";
import { Windows } from "./chart/windows.js";
import { h } from "./dom.js";

const STRETCH = [5, 2, 1.3]; // price, equity, drawdown
const LEAST_SHOWN = 30 * 60000; // around a trade
const KLINES_AROUND = 5;
const AROUND_TRIGGER = 2 * 3600000;

export class ResultChart {
  constructor(result) {
    this.result = result;
    const address = `/api/backtests/${result.id}`;
    this.address = address;
    this.box = h("div", { className: "chart", tabIndex: 0, role: "application", "aria-roledescription": "chart", "aria-label": "Price, equity and drawdown. Arrow keys move, with Shift they tell the kline beside, plus and minus zoom, Home shows everything; comma and full stop go from mark to mark, Enter chooses one.", onkeydown: (event) => onKey(event, this.windows, this.legend) });
    this.controls = new Controls(result.symbols, { onSymbol: () => this.setSymbol(), onZoom: (hours) => this.windows.zoomTo(hours, this.tips.at?.at ?? this.chosenAt) });
    const axis = (this.axis = new Axis());
    const tell = (name, text) => this.controls.tell(name, text);
    const scales = (this.scales = new Scales());
    const panels = (this.panels = new Panels(this.box));
    this.troubles = new Troubles();
    this.windows = new Windows({ axis, box: this.box, ask: (range) => this.windowOf(range), draw: (found) => this.draw(found), moved: () => this.moved(), failed: (error) => this.troubles.note("Klines", error) });
    const prices = (this.prices = new Prices({ axis, scales, tell }));
    this.equity = new Equity({ axis, address, scales, tell });
    this.marks = new Marks({ axis, prices, address, shown: () => this.windows.shown, tell, failing: (work) => this.guarded("Marks", work, "moved") });
    this.lines = new BracketLines({ axis, prices, address, shown: () => this.windows.shown, tell });
    this.tips = new MarkTips({ marks: this.marks, prices, box: this.box, onChoose: (of) => this.chooseMark(of), open: ({ time, per }) => this.windows.focus(time, time + per) });
    this.faults = new FaultSpans({ axis, prices, faults: result.faults });
    this.records = new Records({ axis, address, panels, tell });
    this.chosen = new ChosenInstant({ axis, prices });
    this.given = { axis, address, prices, panels, tell, choose: (index) => this.choose("choosetrigger", index) };
    this.overlays = new Overlays({
      overlays: [Holding, Exposure, Volume, FundingMarks, SignalMarks].map((Overlay) => new Overlay(this.given)).filter(({ key }) => result.overlays?.includes(key) ?? true),
      shown: () => ({ range: this.isOver ? null : this.windows.asked, symbol: this.symbol }),
      changed: () => Promise.all([this.let(this.marks, "place"), this.let(this.titles, "draw")]),
      failed: (overlay, error) => this.troubles.note(overlay.label, error),
    });
    this.titles = new Titles();
    this.indicators = { of: new Map(), offered: [] };
    this.names = new Map([[prices, "Prices"], [this.equity, "Equity"], [this.marks, "Marks"], [this.tips, "Tips of marks"], [this.lines, "Lines of trades"], [this.faults, "Faults"], [this.records, "Recorded series"], [this.chosen, "The chosen trigger"], [this.overlays, "Overlays"], [this.titles, "Names of lines"]]);
    this.parts = [...this.names.keys()];
    this.working = new Set(); // what parts are at
    this.isOver = false;
    this.chosenAt = null; // when that was which was chosen last
    this.legend = new Legend(axis, prices, [this.equity, this.overlays, this.records, this.faults, this.marks]);
    const row = (...content) => h("div", { className: "row", style: "margin:8px 0" }, content);
    this.element = h("div", {}, this.controls.element, h("div", { style: "margin:8px 0" }, this.marks.toggles), row(this.overlays.element, ...scales.buttons.values()), this.legend.element, h("div", { style: "position:relative" }, this.box, this.tips.element), this.troubles.element);
  }

  get symbol() {
    return this.controls.symbol.value;
  }

  // The window that is looked at; null while there is none.
  get window() {
    if (this.axis.isEmpty) return null;
    const [from, to] = this.windows.shown.map(Math.round);
    return { from, to };
  }

  // Let a part do something if it can; one that fails is named.
  let(part, what, ...given) {
    return this.guarded(this.names.get(part), () => part[what]?.(...given), what);
  }

  guarded(name, work, what = "work") {
    if (this.isOver) return Promise.resolve();
    const working = this.done(name, work, what).finally(() => this.working.delete(working));
    this.working.add(working);
    return working;
  }

  async done(name, work, what) {
    try {
      const found = await work();
      this.troubles.note(name, null, what);
      return found;
    } catch (error) {
      this.troubles.note(name, error, what);
      return undefined;
    }
  }

  all(what, ...given) {
    return Promise.all(this.parts.map((part) => this.let(part, what, ...given)));
  }

  choose(event, index) {
    this.element.dispatchEvent(new CustomEvent(event, { detail: { index } }));
  }

  // A mark was clicked, or Enter was pressed on it: who shows the trade or the trigger hears of it.
  chooseMark({ trade, trigger }) {
    if (trade === undefined) return this.choose("choosetrigger", trigger);
    this.all("highlight", { index: trade });
    return this.choose("choosetrade", trade);
  }

  async start() {
    try {
      await this.begin();
    } catch (error) {
      this.troubles.note("The chart", error);
    }
    window.perpsim = { ...window.perpsim, chart: this };
  }

  async begin() {
    const look = colours();
    this.chart = createChart(this.box, chartOptions());
    this.panels.attach(this.chart);
    this.all("attach", this.chart, look);
    this.chart.panes().forEach((pane, place) => pane.setStretchFactor(STRETCH[place] ?? 1));
    this.windows.attach(this.chart);
    this.legend.attach(this.chart);
    this.unthemed = onTheme(() => this.restyle());
    const { start_time: start, end_time: end } = this.result.figures;
    this.windows.range = [start, end];
    this.loaded = this.all("load");
    await this.setSymbol();
    this.offerIndicators();
  }

  // Nothing can be drawn on a chart that is removed: what parts are at ends before.
  async stop() {
    this.isOver = true;
    this.windows.leave();
    this.unthemed?.();
    await Promise.all(this.working);
    this.chart?.remove();
  }

  restyle() {
    this.chart.applyOptions(chartOptions());
    this.all("restyle", colours());
  }

  async setSymbol() {
    const { symbol } = this;
    this.all("clear");
    this.windows.clear();
    await Promise.all([this.loaded, this.all("ask", symbol), this.windows.load(...this.windows.range)]);
    if (symbol !== this.symbol) return;
    this.offerOfSymbol();
    await this.all("choose", symbol);
  }

  // What the program asked for, once everything else is there.
  async offerIndicators() {
    try {
      this.indicators.of = await askedIndicators(this.address);
      this.offerOfSymbol();
    } catch (error) {
      this.troubles.note("Indicators", error);
    }
  }

  offerOfSymbol() {
    if (this.isOver) return;
    const { of, offered } = this.indicators;
    const wanted = (of.get(this.symbol) ?? []).map((asked, place) => new IndicatorLines(this.given, asked, place));
    this.overlays.offer(wanted, offered);
    this.indicators.offered = wanted;
    wanted.filter((each) => this.overlays.on.has(each)).forEach((each) => this.overlays.refresh(each));
  }

  // The klines of a window, and beside them all else that it takes.
  async windowOf(range) {
    const { symbol } = this;
    const around = Math.max((KLINES_AROUND * (range.end - range.start)) / range.points, LEAST_SHOWN * 2);
    const wider = { start: Math.round(Math.max(range.start - around, 0)), end: Math.round(range.end + around) }; // the last kline closes later
    const [klines, ...answers] = await Promise.all([this.klines(range, symbol), ...this.parts.map((part) => this.let(part, "bring", wider, symbol))]);
    return { klines, answers };
  }

  async klines({ start, end, points }, symbol) {
    try {
      return await get("/api/klines", { exchange: this.result.exchange, symbol, start, end, points, ...this.asSeen });
    } catch (error) {
      if (error.status !== 404) throw error;
      const period = Math.max(Math.ceil((end - start) / points / 60000), 1) * 60000; // the axis goes on without prices
      return { period: `${period / 60000} min`, period_ms: period, time: [], open: [], high: [], low: [], close: [], is_priced: false, missing: error.message };
    }
  }

  // Of a run with faults the klines are those that it saw.
  get asSeen() {
    return this.result.faults.length && this.result.id ? { backtest: this.result.id } : {};
  }

  draw({ answers }) {
    this.parts.forEach((part, place) => answers[place] !== undefined && part.take(answers[place]));
    const look = colours();
    this.parts.forEach((part, place) => (part.bring && answers[place] === undefined ? null : this.let(part, "draw", look)));
    this.controls.tellPeriod(this.axis.klines);
  }

  async moved() {
    await this.all("moved");
    if (this.isOver) return; // the page was left meanwhile: there is no window any more
    this.element.dispatchEvent(new CustomEvent("window", { detail: this.window }));
  }

  async showSymbol(symbol) {
    if (!symbol || this.symbol === symbol || !this.result.symbols.includes(symbol)) return;
    this.controls.symbol.value = symbol;
    await this.setSymbol();
  }

  async showTrade(trade) {
    await this.showSymbol(trade.symbol);
    this.all("showTrade", trade);
    this.all("highlight", trade);
    const end = trade.exit_timestamp ?? this.windows.range[1]; // one that is open has none
    const span = Math.max(end - trade.entry_timestamp, LEAST_SHOWN);
    this.chosenAt = (trade.entry_timestamp + end) / 2;
    await this.windows.focus(trade.entry_timestamp - span * 0.6, end + span * 0.6);
    this.reveal();
  }

  // The mark of a trade: it tells what it is, and the keys go on from there.
  async showMark(trade) {
    await this.showTrade(trade);
    this.box.focus({ preventScroll: true });
    this.tips.showTrade(trade.index);
  }

  reveal() {
    this.box.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth", block: "center" });
  }

  async showTrigger(trigger) {
    await this.showSymbol(trigger.symbol);
    this.all("showTrigger", trigger);
    this.chosenAt = trigger.timestamp;
    await this.windows.focus(trigger.timestamp - AROUND_TRIGGER, trigger.timestamp + AROUND_TRIGGER);
    this.reveal();
    this.box.focus({ preventScroll: true });
  }

  showRange(from, to) {
    return this.windows.focus(from, to);
  }
}
