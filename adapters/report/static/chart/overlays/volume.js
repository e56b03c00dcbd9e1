// The volume of each kline, at the foot of the prices.

import { HistogramSeries } from "../../vendor/lightweight-charts.js";
import { price } from "../../format.js";
import { words } from "../../vocabulary.js";
import { QUIET } from "../look.js";

const SCALE = "volume";

export class Volume {
  constructor({ axis, tell }) {
    Object.assign(this, { axis, tell, key: "volume", ...words.overlays.volume });
  }

  attach(chart) {
    this.chart = chart;
    this.series = chart.addSeries(HistogramSeries, { priceScaleId: SCALE, priceFormat: { type: "volume" }, ...QUIET }, 0);
    this.series.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
  }

  detach() {
    this.chart.removeSeries(this.series);
    this.tell("volume", "");
  }

  draw(_, look) {
    const { time: opens, open, close, volumes, volume = volumes && opens.map((at) => volumes.get(at)), volume_note: note } = this.axis.klines;
    this.series.setData(opens.flatMap((at, place) => (volume?.[place] === undefined ? [] : [{ time: at / 1000, value: volume[place], color: `${close[place] < open[place] ? look.bad : look.good}66` }])));
    this.tell("volume", note ?? (volume ? "" : `${this.label}: none is at hand`));
  }

  told(values) {
    const bar = values.get(this.series);
    return [bar && `  ${this.label} ${price(bar.value)}`];
  }
}
