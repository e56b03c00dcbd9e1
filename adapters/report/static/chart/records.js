// What the program recorded: a panel for each series, below the others.

import { LineSeries } from "../vendor/lightweight-charts.js";
import { get } from "../api.js";
import { number } from "../format.js";
import { QUIET } from "./look.js";

const MOST_RECORDS = 12; // panels: of more series the first
const RECORD_HEIGHT = 90;
const FIRST_PANE = 3;

export class Records {
  constructor(axis, address, box) {
    Object.assign(this, { axis, address, box, recorded: {}, series: new Map() });
  }

  async load() {
    this.recorded = await get(`${this.address}/records`);
  }

  // The panels, once it is known what was recorded.
  addPanels(chart, look) {
    const names = Object.keys(this.recorded).slice(0, MOST_RECORDS);
    this.series = new Map(names.map((name, place) => [name, chart.addSeries(LineSeries, { color: look.warn, lineWidth: 1, title: name, ...QUIET }, FIRST_PANE + place)]));
    if (names.length) this.box.style.height = `${this.box.offsetHeight + names.length * RECORD_HEIGHT}px`;
  }

  draw() {
    for (const [name, series] of this.series) series.setData(this.axis.slotted(this.recorded[name].timestamp, this.recorded[name].value).map(({ time: at, last }) => ({ time: at, value: last })));
  }

  told(values) {
    return [...this.series].map(([name, series]) => [name, values.get(series)]).map(([name, seen]) => (seen ? `  ${name} ${number(seen.value)}` : ""));
  }
}
