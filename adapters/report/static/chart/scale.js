// A wide range is drawn on a logarithmic scale.

import { PriceScaleMode } from "../vendor/lightweight-charts.js";

const WIDE = 4; // times as high the highest is where a scale is logarithmic

export function scaled(series, lows, highs) {
  const low = lows.reduce((least, value) => Math.min(least, value), Infinity);
  const high = highs.reduce((most, value) => Math.max(most, value), -Infinity);
  series.priceScale().applyOptions({ mode: low > 0 && high > WIDE * low ? PriceScaleMode.Logarithmic : PriceScaleMode.Normal });
}
