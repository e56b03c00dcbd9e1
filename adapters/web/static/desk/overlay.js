// The equity of several results on one axis of time, all of it told at the instant under the crosshair.

import { LineSeries, LineStyle, createChart } from "../vendor/lightweight-charts.js";
import { chartOptions, onTheme } from "../chart/look.js";
import { h, put } from "../dom.js";
import { number, time } from "../format.js";

const DAY_MS = 86400000;
const NAMES = ["--accent", "--bad", "--good", "--warn", "--kw", "--num", "--soft"];
const STYLES = [LineStyle.Solid, LineStyle.Dashed, LineStyle.Dotted];

// As many as can be told apart: a colour of the theme, and then a way to draw it.
const lineLook = (place) => ({ color: getComputedStyle(document.documentElement).getPropertyValue(NAMES[place % NAMES.length]).trim(), lineStyle: STYLES[Math.floor(place / NAMES.length) % STYLES.length], lineWidth: 2 });

// `found` is the equity of results as /api/compare/equity has it, `ask` asks for it by whether all begin at one place;
// `names` are what each is called.
export class Overlay {
  constructor(names, found, ask) {
    Object.assign(this, { names, ask, isPercent: true, isAligned: false });
    this.box = h("div", { className: "chart low", style: "height:360px", role: "application", "aria-roledescription": "chart", tabIndex: 0, "aria-label": "Equity of all; arrow keys move the instant that is told", onkeydown: (event) => this.step(event) });
    this.told = h("div", { className: "told-equity", "aria-live": "polite" });
    const choice = (label, isOn, act) => h("button", { type: "button", "aria-pressed": String(isOn), onclick: act }, label);
    this.units = [[true, "Percent"], [false, "USD"]].map(([isPercent, label]) => choice(label, isPercent, () => this.use(isPercent)));
    this.axes = [[false, "By the calendar"], [true, "Aligned at the start"]].map(([isAligned, label]) => choice(label, !isAligned, () => this.align(isAligned)));
    const axes = found.ranges_differ ? h("div", { className: "row", role: "group", "aria-label": "Axis" }, this.axes) : null;
    this.element = h("div", { className: "card" }, h("div", { className: "row end" }, h("h2", {}, "Equity"), axes, h("div", { className: "row", role: "group", "aria-label": "Unit" }, this.units)), this.told, this.box);
    this.take(found);
  }

  take(found) {
    this.grid = found.instants;
    this.curves = found.curves;
    this.place = null;
  }

  async align(isAligned) {
    if (isAligned === this.isAligned) return;
    this.isAligned = isAligned;
    const found = await this.ask(isAligned);
    if (!this.chart || isAligned !== this.isAligned) return; // the page was left, or another axis is wanted meanwhile
    this.axes.forEach((button, place) => button.setAttribute("aria-pressed", String(isAligned === (place === 1))));
    this.chart.clearCrosshairPosition();
    this.take(found);
    this.look();
    this.use(this.isPercent);
    this.chart.timeScale().fitContent();
  }

  // An instant as text: of the calendar, or how long after the start.
  instant(ms) {
    return this.isAligned ? `${number(ms / DAY_MS, 2)} days after the start` : `${time(ms)} UTC`;
  }

  look() {
    const { localization, timeScale, ...rest } = chartOptions();
    const since = (seconds) => (this.isAligned ? `${number((1000 * seconds) / DAY_MS, 1)} d` : null); // null: as usual
    this.chart.applyOptions({ ...rest, localization: { ...localization, timeFormatter: (seconds) => this.instant(1000 * seconds) }, timeScale: { ...timeScale, tickMarkFormatter: since } });
  }

  start() {
    this.chart = createChart(this.box, chartOptions());
    this.lines = this.names.map((_, place) => this.chart.addSeries(LineSeries, { priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false, ...lineLook(place) }));
    this.chart.subscribeCrosshairMove(({ logical }) => this.tell(logical === undefined || logical === null ? null : Math.round(logical)));
    this.look();
    this.unthemed = onTheme(() => {
      this.look();
      this.lines.forEach((line, place) => line.applyOptions(lineLook(place)));
      this.tell(this.place);
    });
    this.use(true);
    this.chart.timeScale().fitContent();
  }

  stop() {
    this.unthemed();
    this.chart.remove();
    this.chart = null;
  }

  use(isPercent) {
    this.isPercent = isPercent;
    this.units.forEach((button, place) => button.setAttribute("aria-pressed", String(isPercent === (place === 0))));
    this.points = this.valuesOf("drawn").map((values) => values.map((value, place) => (value === null ? { time: this.grid[place] / 1000 } : { time: this.grid[place] / 1000, value })));
    this.lines.forEach((line, place) => {
      line.setData(this.points[place]);
      line.applyOptions({ priceFormat: { type: "custom", minMove: 0.01, formatter: (value) => `${number(value)}${isPercent ? " %" : ""}` } });
    });
    this.tell(this.place);
  }

  // What is `known` or `drawn` of each; in percent of what it began with.
  valuesOf(kind) {
    return this.curves.map(({ initial, [kind]: values }) => (this.isPercent ? values.map((value) => (value === null || !initial ? null : 100 * (value / initial - 1))) : values));
  }

  // What each was worth at one instant; without one at the end.
  tell(place) {
    this.place = place;
    const at = place === null || place === undefined || !(place in this.grid) ? this.grid.length - 1 : place;
    if (at < 0) return void put(this.told, "No equity is stored of any of them.");
    const values = this.valuesOf("known");
    put(
      this.told,
      h("b", {}, this.instant(this.grid[at])),
      this.names.map((name, place) => {
        const { color, lineStyle } = lineLook(place);
        const value = values[place][at];
        return h("span", { className: "key", title: name }, h("i", { style: `border-top:3px ${["solid", "dotted", "dashed"][lineStyle] ?? "solid"} ${color}` }), h("span", { className: "short" }, name), ": ", h("b", {}, value === null ? "–" : `${number(value, 2, this.isPercent)} ${this.isPercent ? "%" : "USD"}`));
      }),
    );
  }

  step(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -this.grid.length, End: this.grid.length }[event.key];
    if (!by || !this.grid.length) return;
    event.preventDefault();
    const place = Math.min(Math.max((this.place ?? this.grid.length - 1) + by * (event.shiftKey ? 20 : 1), 0), this.grid.length - 1);
    const values = this.valuesOf("drawn");
    const line = values.findIndex((each) => each[place] !== null);
    if (line >= 0) this.chart.setCrosshairPosition(values[line][place], this.grid[place] / 1000, this.lines[line]);
    this.tell(place);
  }
}
