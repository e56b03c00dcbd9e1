// What stands above the chart: the symbol, zooms, which klines are shown, and in words what is not drawn.

import { h, put, select } from "../dom.js";

const ZOOMS = [["All", 0], ["30 d", 720], ["7 d", 168], ["1 d", 24], ["4 h", 4], ["30 m", 0.5]];

export class Controls {
  constructor(symbols, { onSymbol, onZoom }) {
    this.period = h("span", { className: "soft small" });
    this.hint = h("span", { className: "soft small" });
    this.told = {};
    this.symbol = select({ "aria-label": "Symbol", style: "width:auto", onchange: onSymbol }, symbols.map((name) => [name, name]));
    const buttons = ZOOMS.map(([text, hours]) => h("button", { type: "button", onclick: () => onZoom(hours) }, text));
    this.element = h("div", { className: "row" }, this.symbol, buttons, this.period, this.hint);
  }

  // What is not drawn, in words beside the period.
  tell(name, text) {
    this.told[name] = text;
    put(this.hint, Object.values(this.told).filter(Boolean).join(" · "));
  }

  tellPeriod(klines) {
    put(this.period, klines.is_priced === false ? "without prices" : `${klines.period} klines`);
  }
}
