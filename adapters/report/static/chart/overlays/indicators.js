// The indicators that the program asked for: averages and bands among the prices, others in a panel of their own.

import { LineSeries } from "../../vendor/lightweight-charts.js";
import { get } from "../../api.js";
import { price, time } from "../../format.js";
import { words } from "../../vocabulary.js";
import { saidAt } from "../axis.js";
import { CURVE_POINTS } from "../equity.js";
import { QUIET } from "../look.js";

export class IndicatorLines {
  constructor({ axis, address, panels, tell }, asked, place) {
    const { symbol, name, period } = asked;
    Object.assign(this, { axis, address, panels, tell, asked, place, key: `${name} ${period}`, label: `${name} ${period}`, about: `${words.overlays.indicators.about} (${symbol})`, lines: new Map() });
  }

  attach(chart, look) {
    Object.assign(this, { chart, look, lines: new Map() });
  }

  detach() {
    this.panels.remove([...this.lines.values()], !this.asked.among_prices && this.lines.size > 0);
    this.lines = new Map();
  }

  bring({ start, end }) {
    const { symbol, name, period } = this.asked;
    return get(`${this.address}/indicator`, { symbol, name, period, start, end, points: CURVE_POINTS / 2 });
  }

  draw({ timestamp, lines }, look) {
    for (const [key, values] of Object.entries(lines)) {
      if (!this.lines.has(key)) this.lines.set(key, this.add(key, Object.keys(lines).length));
      const series = this.lines.get(key);
      series.applyOptions({ color: this.colour(look, key) });
      series.setData(this.axis.slotted(timestamp, values).map(({ time: at, last }) => ({ time: at, value: last })));
    }
  }

  // Bands have one colour, a second line in a panel another.
  colour({ others }, key) {
    const further = this.asked.among_prices ? 0 : Math.max([...this.lines.keys()].indexOf(key), 0);
    return others[(this.place + further) % others.length];
  }

  add(key, many) {
    const options = { lineWidth: 1, label: many > 1 ? `${this.label} ${key}` : this.label, priceScaleId: "right", ...QUIET };
    if (this.asked.among_prices) return this.chart.addSeries(LineSeries, options, 0);
    const [first] = this.lines.values();
    return first ? this.panels.beside(first, LineSeries, options) : this.panels.add(LineSeries, options);
  }

  said(at) {
    const { timestamp, lines } = this.answer;
    const text = Object.entries(lines).map(([key, values]) => {
      const value = saidAt(at, timestamp, values, (each) => price(each, 7), time);
      return value && `${Object.keys(lines).length > 1 ? `${key} ` : ""}${value}`;
    });
    return text.some(Boolean) ? [`  ${this.label} ${text.filter(Boolean).join(" ")}`] : [];
  }
}

// What was asked for of each symbol.
export async function askedIndicators(address) {
  const { indicators } = await get(`${address}/indicators`);
  const found = new Map();
  for (const each of indicators) found.set(each.symbol, [...(found.get(each.symbol) ?? []), each]);
  return found;
}
