// What the program recorded: a panel for each series, below the others.

import { LineSeries } from "../vendor/lightweight-charts.js";
import { get } from "../api.js";
import { count, number, time } from "../format.js";
import { saidAt } from "./axis.js";
import { CURVE_POINTS } from "./equity.js";
import { QUIET } from "./look.js";

const MOST_RECORDS = 12; // panels: of more series the first

export class Records {
  constructor({ axis, address, panels, tell }) {
    Object.assign(this, { axis, address, panels, tell, recorded: {}, series: new Map() });
  }

  async bring({ start, end }) {
    return get(`${this.address}/records`, { start, end, points: CURVE_POINTS / 2 });
  }

  take(recorded) {
    this.recorded = recorded;
  }

  // The panels, once it is known what was recorded.
  draw(look) {
    const names = Object.keys(this.recorded);
    for (const name of names.slice(0, MOST_RECORDS)) {
      if (!this.series.has(name)) this.series.set(name, this.panels.add(LineSeries, { color: look.warn, lineWidth: 1, label: name, ...QUIET }));
      const { timestamp, value } = this.recorded[name];
      this.series.get(name).setData(this.axis.slotted(timestamp, value).map(({ time: at, last }) => ({ time: at, value: last })));
    }
    const coarse = names.filter((name) => this.recorded[name].is_whole === false).map((name) => `${name}: ${this.recorded[name].resolution}`);
    this.tell("records", [names.length > MOST_RECORDS ? `${MOST_RECORDS} of ${count(names.length)} recorded series are drawn` : "", ...coarse].filter(Boolean).join(" · "));
  }

  restyle(look) {
    for (const series of this.series.values()) series.applyOptions({ color: look.warn });
  }

  said(at) {
    return [...this.series.keys()].map((name) => {
      const text = saidAt(at, this.recorded[name].timestamp, this.recorded[name].value, number, time);
      return text && `  ${name} ${text}`;
    });
  }
}
