// The price of the symbol, as klines.

import { price, time } from "../format.js";
import { QUIET, addCandles, candleColours, candlesOf } from "./look.js";
import { scaled } from "./scale.js";

export class Prices {
  constructor(axis) {
    this.axis = axis;
  }

  attach(chart) {
    this.series = addCandles(chart, QUIET);
  }

  restyle(look) {
    this.series.applyOptions(candleColours(look));
  }

  draw() {
    const { klines } = this.axis;
    this.series.setData(candlesOf(klines));
    scaled(this.series, klines.low, klines.high);
  }

  told(values) {
    const candle = values.get(this.series);
    return [`${time(candle.time * 1000)}  O ${price(candle.open)}  H ${price(candle.high)}  L ${price(candle.low)}  C ${price(candle.close)}`];
  }
}
