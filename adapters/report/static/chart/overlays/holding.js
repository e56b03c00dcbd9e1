// What buying and holding would have come to, beside the equity.

import { LineSeries } from "../../vendor/lightweight-charts.js";
import { get } from "../../api.js";
import { number, time } from "../../format.js";
import { words } from "../../vocabulary.js";
import { saidAt } from "../axis.js";
import { CURVE_POINTS } from "../equity.js";
import { QUIET } from "../look.js";

const DASHED = 2;
const PANE = 1;

export class Holding {
  constructor({ axis, address, tell }) {
    Object.assign(this, { axis, address, tell, key: "hold", isFirst: true, ...words.overlays.hold });
  }

  attach(chart, look) {
    this.chart = chart;
    this.series = chart.addSeries(LineSeries, { color: look.warn, lineWidth: 1, lineStyle: DASHED, label: this.label, ...QUIET }, PANE);
  }

  detach() {
    this.chart.removeSeries(this.series);
    this.tell("holding", "");
  }

  bring({ start, end }) {
    return get(`${this.address}/hold`, { start, end, points: CURVE_POINTS / 2 });
  }

  draw({ timestamp, value, missing }, look) {
    this.series.applyOptions({ color: look.warn });
    this.series.setData(this.axis.slotted(timestamp, value).map(({ time: at, last }) => ({ time: at, value: last })));
    this.tell("holding", missing.length ? `${this.label}: ${missing.join("; ")}` : "");
  }

  said(at) {
    const value = saidAt(at, this.answer.timestamp, this.answer.value, (each) => `${number(each)} USD`, time);
    return [value && `  ${this.label} ${value}`];
  }
}
