// Equity and drawdown, put onto the klines' times: the last value in each kline, the lowest and the highest, and the
// deepest drawdown.

import { AreaSeries, CandlestickSeries, LineSeries } from "../vendor/lightweight-charts.js";
import { get } from "../api.js";
import { number } from "../format.js";
import { QUIET } from "./look.js";
import { scaled } from "./scale.js";

// How far the curve goes within a kline: behind its line.
const spanColours = ({ accent }) => ({ upColor: "transparent", downColor: "transparent", wickUpColor: `${accent}66`, wickDownColor: `${accent}66` });

export class Equity {
  constructor(axis, address) {
    Object.assign(this, { axis, address, curve: null, range: null });
  }

  attach(chart, look) {
    this.series = chart.addSeries(LineSeries, { color: look.accent, lineWidth: 2, title: "equity", ...QUIET }, 1);
    this.spanSeries = chart.addSeries(CandlestickSeries, { ...spanColours(look), borderVisible: false, lastValueVisible: false, ...QUIET }, 1);
    this.drawdownSeries = chart.addSeries(AreaSeries, { lineColor: look.bad, topColor: `${look.bad}22`, bottomColor: `${look.bad}66`, invertFilledArea: true, lineWidth: 1, title: "drawdown", ...QUIET }, 2);
  }

  restyle(look) {
    this.series.applyOptions({ color: look.accent });
    this.spanSeries.applyOptions(spanColours(look));
  }

  // The curve of the run, which tells its range.
  async load() {
    this.curve = await get(`${this.address}/equity`, { points: 2000 });
    this.range = [this.curve.timestamp[0], this.curve.timestamp.at(-1)];
  }

  // All of the curve, where there is more of it, before a window is drawn that is less than half of the range.
  async reach(span) {
    if (this.curve.whole && span < (this.range[1] - this.range[0]) / 2) this.curve = await this.curve.whole();
  }

  draw() {
    const { timestamp, equity, drawdown } = this.curve;
    const levels = this.axis.slotted(timestamp, equity);
    scaled(this.series, levels.map(({ low }) => low), levels.map(({ high }) => high));
    this.series.setData(levels.map(({ time: at, last }) => ({ time: at, value: last })));
    this.spanSeries.setData(levels.map(({ time: at, last, low, high }) => ({ time: at, open: last, close: last, low, high })));
    this.drawdownSeries.setData(this.axis.slotted(timestamp, drawdown).map(({ time: at, high }) => ({ time: at, value: -high })));
  }

  told(values) {
    const equity = values.get(this.series);
    const fall = values.get(this.drawdownSeries);
    return [equity ? `  equity ${number(equity.value)}` : "", fall ? `  drawdown ${number(-fall.value)}` : ""];
  }
}
