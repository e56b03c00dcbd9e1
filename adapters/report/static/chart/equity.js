// Equity and drawdown of a window, put onto the klines: the last value up to the close of each, the lowest and the
// highest, and the deepest drawdown in percent of the peak.

import { AreaSeries, CandlestickSeries, LineSeries } from "../vendor/lightweight-charts.js";
import { get } from "../api.js";
import { count, number, time } from "../format.js";
import { saidAt } from "./axis.js";
import { QUIET } from "./look.js";

export const CURVE_POINTS = 4000; // of more minutes in a window, with every extreme
const PANE = 1;

// How far the curve goes within a kline: behind its line.
const spanColours = ({ accent }) => ({ upColor: "transparent", downColor: "transparent", wickUpColor: `${accent}66`, wickDownColor: `${accent}66` });
const fallColours = ({ bad }) => ({ lineColor: bad, topColor: `${bad}22`, bottomColor: `${bad}66` });
const percentFormat = { type: "custom", minMove: 0.01, formatter: (value) => `${number(value)} %` };

export class Equity {
  constructor({ axis, address, scales, tell }) {
    Object.assign(this, { axis, address, scales, tell, curve: null });
  }

  attach(chart, look) {
    this.series = chart.addSeries(LineSeries, { color: look.accent, lineWidth: 2, label: "equity, USD", ...QUIET }, PANE);
    this.spanSeries = chart.addSeries(CandlestickSeries, { ...spanColours(look), borderVisible: false, ...QUIET }, PANE);
    this.drawdownSeries = chart.addSeries(AreaSeries, { ...fallColours(look), invertFilledArea: true, lineWidth: 1, label: "drawdown, % of the peak", priceFormat: percentFormat, ...QUIET }, PANE + 1);
  }

  restyle(look) {
    this.series.applyOptions({ color: look.accent });
    this.spanSeries.applyOptions(spanColours(look));
    this.drawdownSeries.applyOptions(fallColours(look));
  }

  // The curve of a window.
  async bring({ start, end }) {
    return get(`${this.address}/equity`, { start, end, points: CURVE_POINTS });
  }

  take(curve) {
    this.curve = curve;
  }

  draw() {
    const { timestamp, equity, drawdown_percent: fall } = this.curve;
    const levels = this.axis.slotted(timestamp, equity);
    this.scales.fit("equity", this.series, levels.map(({ low }) => low), levels.map(({ high }) => high));
    this.series.setData(levels.map(({ time: at, last }) => ({ time: at, value: last })));
    this.spanSeries.setData(levels.map(({ time: at, last, low, high }) => ({ time: at, open: last, close: last, low, high })));
    this.drawdownSeries.setData(this.axis.slotted(timestamp, fall).map(({ time: at, high }) => ({ time: at, value: -high })));
    this.tell("equity", howFine(this.curve));
  }

  said(at) {
    if (!this.curve) return [];
    const { timestamp, equity, drawdown_percent: fall } = this.curve;
    const value = saidAt(at, timestamp, equity, (each) => `${number(each)} USD`, time);
    const below = saidAt(at, timestamp, fall, (each) => `${number(-each)} %`, time);
    return [value && `  equity ${value}`, below && `  drawdown ${below}`];
  }
}

// What a curve does not show of what there was, in words.
function howFine({ total, given, resolution, is_whole: isWhole }) {
  if (!isWhole && resolution) return `equity: ${resolution}`;
  return given < total ? `equity: ${count(given)} of ${count(total)} minutes, with every extreme` : "";
}
