// The lines of trades on a price chart: the way from entry to exit, and where its exits stood meanwhile.

import { get } from "../api.js";
import { count } from "../format.js";
import { rowsOf } from "./rows.js";

const MOST_SHOWN = 300; // of more lines in the window none is drawn: nobody could tell them apart

export class BracketLines {
  // `tell` is told how many lines are in sight and not drawn, when that changes.
  constructor({ axis, prices, address, tell }) {
    Object.assign(this, { axis, prices, address, tell, known: [], lines: [], placed: [], hidden: 0 });
  }

  attach(chart, look) {
    this.look = look;
    this.prices.series.attachPrimitive(this);
  }

  restyle(look) {
    this.look = look;
  }

  async load() {
    this.known = rowsOf(await get(`${this.address}/brackets`));
  }

  clear() {
    this.setLines([]);
  }

  choose(symbol) {
    this.setLines(this.known.filter((line) => line.symbol === symbol));
  }

  attached({ chart, series, requestUpdate }) {
    Object.assign(this, { chart, series, requestUpdate });
  }

  setLines(lines) {
    this.lines = lines;
    this.requestUpdate?.();
  }

  updateAllViews() {
    const scale = this.chart.timeScale();
    const range = scale.getVisibleRange();
    const shown = range ? this.lines.filter((line) => line.start <= range.to * 1000 && line.end >= range.from * 1000) : [];
    const hidden = shown.length > MOST_SHOWN ? shown.length : 0;
    if (hidden !== this.hidden) this.tell("lines", hidden && `${count(hidden)} lines of trades in sight: zoom in to see them`);
    this.hidden = hidden;
    const x = (at) => scale.timeToCoordinate(this.axis.slot(at) / 1000);
    const y = (value) => this.series.priceToCoordinate(value);
    this.placed = hidden ? [] : shown.map((line) => ({ line, from: [x(line.start), y(line.first)], to: [x(line.end), y(line.last)] })).filter(({ from, to }) => ![...from, ...to].includes(null));
  }

  paneViews() {
    return [{ zOrder: () => "top", renderer: () => ({ draw: (target) => target.useMediaCoordinateSpace(({ context }) => this.paint(context)) }) }];
  }

  paint(context) {
    context.lineWidth = 1;
    for (const { line, from, to } of this.placed) {
      context.strokeStyle = this.look[line.tone];
      context.setLineDash(line.first === line.last ? [] : [4, 3]);
      context.beginPath();
      context.moveTo(...from);
      context.lineTo(...to);
      context.stroke();
    }
  }
}
