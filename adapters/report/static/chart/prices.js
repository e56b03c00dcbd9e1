// The price of the symbol, as klines.

import { price, time } from "../format.js";
import { QUIET, addCandles, candleColours, candlesOf } from "./look.js";

export class Prices {
  constructor({ axis, scales, tell }) {
    Object.assign(this, { axis, scales, tell });
  }

  attach(chart) {
    this.series = addCandles(chart, QUIET);
  }

  restyle(look) {
    this.series.applyOptions(candleColours(look));
  }

  // The klines, and the places of those that are missing.
  draw() {
    const { klines, times } = this.axis;
    const candles = new Map(candlesOf(klines).map((candle) => [candle.time, candle]));
    this.series.setData(times.map((at) => candles.get(at / 1000) ?? { time: at / 1000 }));
    this.scales.fit("price", this.series, klines.low, klines.high);
    this.tell("klines", klines.missing);
  }

  // The kline at a place, with the time of its close: what the other parts say is of then.
  told(values, at) {
    const candle = values.get(this.series);
    const close = this.axis.closeOf(at);
    const span = `${time(at)} to ${sameDay(at, close) ? time(close).slice(11) : time(close)} UTC`;
    if (candle?.open === undefined) return [`${span}  no kline`];
    return [`${span}  O ${price(candle.open)}  H ${price(candle.high)}  L ${price(candle.low)}  C ${price(candle.close)}`];
  }
}

const sameDay = (a, b) => time(a).slice(0, 10) === time(b).slice(0, 10);
