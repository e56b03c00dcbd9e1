// The equity of several results on one axis of time, all of it told at the instant under the crosshair.

import { LineSeries, LineStyle, createChart } from "../vendor/lightweight-charts.js";
import { chartOptions, onTheme } from "../chart/look.js";
import { h, put } from "../dom.js";
import { number, time } from "../format.js";

const SLOTS = 800;
const NAMES = ["--accent", "--bad", "--good", "--warn", "--kw", "--num", "--soft"];
const STYLES = [LineStyle.Solid, LineStyle.Dashed, LineStyle.Dotted];

// As many as can be told apart: a colour of the theme, and then a way to draw it.
const lineLook = (place) => ({ color: getComputedStyle(document.documentElement).getPropertyValue(NAMES[place % NAMES.length]).trim(), lineStyle: STYLES[Math.floor(place / NAMES.length) % STYLES.length], lineWidth: 2 });

// What a curve was worth at instants that all curves share: its last value by then, nothing outside of it.
function onGrid({ timestamp, equity }, grid) {
  let row = -1;
  return grid.map((at) => {
    while (row + 1 < timestamp.length && timestamp[row + 1] <= at) row += 1;
    return row < 0 || at > timestamp.at(-1) ? null : equity[row];
  });
}

export class Overlay {
  constructor(items, curves) {
    this.items = items;
    const all = curves.flatMap((curve) => (curve.timestamp.length ? [curve.timestamp[0], curve.timestamp.at(-1)] : []));
    const [first, last] = [Math.min(...all), Math.max(...all)];
    const step = Math.max(60000, Math.ceil((last - first) / SLOTS / 60000) * 60000);
    this.grid = all.length ? Array.from({ length: Math.ceil((last - first) / step) + 1 }, (_, place) => Math.min(first + place * step, last)) : [];
    this.usd = curves.map((curve) => onGrid(curve, this.grid));
    this.percent = this.usd.map((values) => {
      const start = values.find((value) => value !== null);
      return values.map((value) => (value === null || !start ? null : 100 * (value / start - 1)));
    });
    this.isPercent = true;
    this.box = h("div", { className: "chart low", style: "height:360px", role: "application", "aria-roledescription": "chart", tabIndex: 0, "aria-label": "Equity of all; arrow keys move the instant that is told", onkeydown: (event) => this.step(event) });
    this.told = h("div", { className: "told-equity", "aria-live": "polite" });
    const units = [[true, "Percent"], [false, "USD"]].map(([isPercent, label]) => h("button", { type: "button", "aria-pressed": String(isPercent), onclick: () => this.use(isPercent) }, label));
    this.units = units;
    this.element = h("div", { className: "card" }, h("div", { className: "row end" }, h("h2", {}, "Equity"), h("div", { className: "row", role: "group", "aria-label": "Unit" }, units)), this.told, this.box);
  }

  start() {
    this.chart = createChart(this.box, chartOptions());
    this.lines = this.items.map((_, place) => this.chart.addSeries(LineSeries, { priceLineVisible: false, lastValueVisible: false, ...lineLook(place) }));
    this.chart.subscribeCrosshairMove(({ logical }) => this.tell(logical === undefined || logical === null ? null : Math.round(logical)));
    this.unthemed = onTheme(() => {
      this.chart.applyOptions(chartOptions());
      this.lines.forEach((line, place) => line.applyOptions(lineLook(place)));
      this.tell(this.place);
    });
    this.use(true);
    this.chart.timeScale().fitContent();
  }

  stop() {
    this.unthemed();
    this.chart.remove();
  }

  use(isPercent) {
    this.isPercent = isPercent;
    this.units.forEach((button, place) => button.setAttribute("aria-pressed", String(isPercent === (place === 0))));
    this.points = this.values.map((values) => values.map((value, place) => (value === null ? { time: this.grid[place] / 1000 } : { time: this.grid[place] / 1000, value })));
    this.lines.forEach((line, place) => {
      line.setData(this.points[place]);
      line.applyOptions({ priceFormat: { type: "custom", minMove: 0.01, formatter: (value) => `${number(value)}${isPercent ? " %" : ""}` } });
    });
    this.tell(this.place);
  }

  get values() {
    return this.isPercent ? this.percent : this.usd;
  }

  // What each was worth at one instant; without one at the end.
  tell(place) {
    this.place = place;
    const at = place === null || place === undefined || !(place in this.grid) ? this.grid.length - 1 : place;
    if (at < 0) return void put(this.told, "No equity is stored of any of them.");
    put(
      this.told,
      h("b", {}, `${time(this.grid[at])} UTC`),
      this.items.map((item, place) => {
        const { color, lineStyle } = lineLook(place);
        const value = this.values[place][at];
        return h("span", { className: "key" }, h("i", { style: `border-top:3px ${["solid", "dotted", "dashed"][lineStyle] ?? "solid"} ${color}` }), `${item.label ?? item.program ?? ""} (${item.id}): `, h("b", {}, value === null ? "–" : `${number(value, 2, this.isPercent)} ${this.isPercent ? "%" : "USD"}`));
      }),
    );
  }

  step(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -this.grid.length, End: this.grid.length }[event.key];
    if (!by || !this.grid.length) return;
    event.preventDefault();
    const place = Math.min(Math.max((this.place ?? this.grid.length - 1) + by * (event.shiftKey ? 20 : 1), 0), this.grid.length - 1);
    const line = this.values.findIndex((values) => values[place] !== null);
    if (line >= 0) this.chart.setCrosshairPosition(this.values[line][place], this.grid[place] / 1000, this.lines[line]);
    this.tell(place);
  }
}
