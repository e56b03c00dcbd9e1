// The worth of all positions as a multiple of equity, in a panel of its own.

import { AreaSeries } from "../../vendor/lightweight-charts.js";
import { get } from "../../api.js";
import { number, time } from "../../format.js";
import { words } from "../../vocabulary.js";
import { saidAt } from "../axis.js";
import { CURVE_POINTS } from "../equity.js";
import { QUIET } from "../look.js";

const look_ = ({ warn }) => ({ lineColor: warn, topColor: `${warn}66`, bottomColor: `${warn}11` });
const times = (value) => `${number(value)} ×`;

export class Exposure {
  constructor({ axis, address, panels, tell }) {
    Object.assign(this, { axis, address, panels, tell, key: "exposure", ...words.overlays.exposure });
  }

  attach(chart, look) {
    this.series = this.panels.add(AreaSeries, { ...look_(look), lineWidth: 1, label: this.label, priceFormat: { type: "custom", minMove: 0.01, formatter: times }, ...QUIET });
  }

  detach() {
    this.panels.remove([this.series], true);
    this.tell("exposure", "");
  }

  bring({ start, end }) {
    return get(`${this.address}/exposure`, { start, end, points: CURVE_POINTS / 2 });
  }

  draw({ timestamp, exposure, is_whole: isWhole, resolution }, look) {
    this.series.applyOptions(look_(look));
    this.series.setData(this.axis.slotted(timestamp, exposure).map(({ time: at, last }) => ({ time: at, value: last })));
    this.tell("exposure", isWhole ? "" : `${this.label}: ${resolution}`);
  }

  said(at) {
    const value = saidAt(at, this.answer.timestamp, this.answer.exposure, times, time);
    return [value && `  ${this.label} ${value}`];
  }
}
