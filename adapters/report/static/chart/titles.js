// What the lines of a panel are called, by the `label` of each series: at its upper left, each in its colour. As a title it
// would stand on the line, and on the numbers of the scale.

import { createTextWatermark } from "../vendor/lightweight-charts.js";

export class Titles {
  constructor() {
    this.written = new Map(); // by panel
  }

  attach(chart) {
    this.chart = chart;
  }

  // Write them anew: for the lines that there are now.
  draw() {
    const panes = new Map(this.chart.panes().map((pane) => [pane, linesOf(pane)]));
    for (const [pane, { mark, lines }] of this.written) {
      const isSame = panes.has(pane) && JSON.stringify(panes.get(pane)) === JSON.stringify(lines);
      if (isSame) panes.delete(pane);
      else this.written.delete(pane);
      if (!isSame && panes.has(pane)) mark.detach(); // with a panel that is gone its text is gone
    }
    for (const [pane, lines] of panes) this.written.set(pane, { lines, mark: createTextWatermark(pane, { horzAlign: "left", vertAlign: "top", lines }) });
  }

  restyle() {
    this.draw();
  }
}

const colourOf = ({ color, lineColor }) => lineColor ?? color;

function linesOf(pane) {
  const named = pane.getSeries().map((series) => series.options()).filter(({ label }) => label);
  return named.map((options) => ({ text: options.label, color: colourOf(options), fontSize: 11 }));
}
