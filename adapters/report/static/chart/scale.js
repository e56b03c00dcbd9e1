// Whether price and equity are drawn on a logarithmic scale: as was chosen, or else where their range is wide.

import { PriceScaleMode } from "../vendor/lightweight-charts.js";
import { h } from "../dom.js";
import { words } from "../vocabulary.js";
import { kept, keep } from "./kept.js";

const WIDE = 4; // times as high the highest is where a scale is logarithmic

export class Scales {
  constructor() {
    this.shown = new Map(); // by name: series, lowest and highest
    this.buttons = new Map(Object.entries(words.scales).map(([name, { label, about }]) => [name, h("button", { type: "button", className: "small", title: about, "aria-pressed": "false", onclick: () => this.turn(name) }, label)]));
  }

  // Take the range of a series that is drawn.
  fit(name, series, lows, highs) {
    const low = lows.reduce((least, value) => Math.min(least, value), Infinity);
    const high = highs.reduce((most, value) => Math.max(most, value), -Infinity);
    this.shown.set(name, { series, low, high });
    this.apply(name);
  }

  isLogarithmic(name) {
    const { low, high } = this.shown.get(name);
    return low > 0 && (kept(`log ${name}`) ?? high > WIDE * low);
  }

  turn(name) {
    if (!this.shown.has(name)) return;
    keep(`log ${name}`, !this.isLogarithmic(name));
    this.apply(name);
  }

  apply(name) {
    const isOn = this.isLogarithmic(name);
    this.shown.get(name).series.priceScale().applyOptions({ mode: isOn ? PriceScaleMode.Logarithmic : PriceScaleMode.Normal });
    this.buttons.get(name).setAttribute("aria-pressed", String(isOn));
  }
}
