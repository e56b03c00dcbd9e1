// The line below the crosshair: what each part of the chart says of the kline there.

import { h, put } from "../dom.js";

export class Legend {
  constructor(axis, prices, parts) {
    Object.assign(this, { axis, prices, parts });
    this.element = h("div", { className: "chart-legend" });
  }

  attach(chart) {
    chart.subscribeCrosshairMove(({ seriesData }) => this.show(seriesData));
  }

  show(values) {
    const candle = values?.get(this.prices.series);
    put(this.element, candle && !this.axis.isEmpty ? this.parts.flatMap((part) => part.told(values, candle.time * 1000)) : "");
  }
}
