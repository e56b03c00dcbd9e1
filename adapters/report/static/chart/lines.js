// The lines of positions on a price chart: the way from fill to fill, and where exits stood meanwhile.

import { get } from "../api.js";
import { count } from "../format.js";
import { rowsOf } from "./rows.js";

const MOST_SHOWN = 300; // of more lines in the window none is drawn: nobody could tell them apart
const MOST_CHOSEN = 2000; // those of a trade that was chosen are drawn in any case
const DASHES = { way: [4, 3], step: [1, 2] };
const STRONG = 3; // the width of what was chosen

export class BracketLines {
  // `shown` gives the window that is looked at; `tell` is told how many lines are in sight and not drawn.
  constructor({ axis, prices, address, shown, tell }) {
    Object.assign(this, { axis, prices, address, shown, tell, symbol: null, lines: [], own: [], chosen: null, placed: [], total: 0, turn: 0 });
  }

  attach(chart, look) {
    this.look = look;
    this.prices.series.attachPrimitive(this);
  }

  restyle(look) {
    this.look = look;
  }

  ask(symbol) {
    this.symbol = symbol;
  }

  clear() {
    this.setLines([]);
  }

  attached({ chart, series, requestUpdate }) {
    Object.assign(this, { chart, series, requestUpdate });
  }

  setLines(lines) {
    this.lines = lines;
    this.requestUpdate?.();
  }

  // The lines of the window, anew.
  async moved() {
    if (this.axis.isEmpty) return;
    const turn = ++this.turn;
    const [from, to] = this.shown().map((at) => Math.round(Math.max(at, 0)));
    const { total, given, columns } = await get(`${this.address}/brackets`, { symbol: this.symbol, start: from, end: Math.max(to, from), most: MOST_SHOWN });
    if (turn !== this.turn) return;
    this.total = total;
    this.tell("lines", given < total && `0 of ${count(total)} lines of trades in sight: zoom in to see them`);
    this.setLines(given < total ? [] : rowsOf(columns));
  }

  // A trade is chosen: its lines are drawn however many others there are, and stronger. None: no longer.
  async highlight(trade) {
    this.chosen = trade?.index ?? null;
    const { chosen } = this;
    const found = chosen === null ? null : await get(`${this.address}/brackets`, { trade: chosen, most: MOST_CHOSEN });
    if (chosen !== this.chosen) return;
    this.own = found ? rowsOf(found.columns) : [];
    this.requestUpdate?.();
  }

  updateAllViews() {
    if (this.axis.isEmpty) return;
    const own = this.own.filter(({ symbol }) => symbol === this.symbol);
    const isOwn = new Set(own.map(keyOf));
    const scale = this.chart.timeScale();
    const x = (at, isAtOpen) => scale.timeToCoordinate(this.axis.slot(at, isAtOpen) / 1000);
    const y = (value) => this.series.priceToCoordinate(value);
    const reach = this.axis.reach;
    this.placed = [...this.lines.filter((line) => !isOwn.has(keyOf(line))), ...own]
      .filter(({ start, end }) => start <= reach[1] && end >= reach[0])
      .map((line) => ({ line, isChosen: isOwn.has(keyOf(line)), ...ends(line, reach, x, y) }))
      .filter(({ from, to }) => ![...from, ...to].includes(null));
  }

  paneViews() {
    return [{ zOrder: () => "top", renderer: () => ({ draw: (target) => target.useMediaCoordinateSpace(({ context }) => this.paint(context)) }) }];
  }

  paint(context) {
    let before = null;
    for (const each of this.placed) {
      const { line, isChosen, from, to } = each;
      context.lineWidth = isChosen ? STRONG : 1;
      context.strokeStyle = this.look[line.tone] ?? this.look.soft;
      context.setLineDash(DASHES[line.kind] ?? []);
      context.beginPath();
      context.moveTo(...(isStep(before, each) ? before.to : from));
      context.lineTo(...from);
      context.lineTo(...to);
      context.stroke();
      if (line.kind === "step") before = each;
    }
  }
}

// A line by what sets it apart from others.
const keyOf = ({ kind, position, start, end, first, last }) => [kind, position, start, end, first, last].join(" ");

// A trailing stop goes on from where it stood before.
const isStep = (before, { line }) => line.kind === "step" && before?.line.position === line.position && before.line.end === line.start;

// Where a line begins and ends, of what the klines at hand reach.
function ends({ start, end, first, last, starts_at_open: isFromOpen, ends_at_open: isToOpen }, [low, high], x, y) {
  const at = (time) => (end > start ? first + ((last - first) * (time - start)) / (end - start) : first);
  const [from, to] = [Math.max(start, low), Math.min(end, high)];
  return { from: [x(from, isFromOpen), y(from === start ? first : at(from))], to: [x(to, isToOpen), y(to === end ? last : at(to))] };
}
