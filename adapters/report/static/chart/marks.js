// The marks on the price: fills, what became of orders and, where they are asked for, triggers. They are those of the
// window that is looked at; where they would bury the price they come added up, bar by bar.

import { createSeriesMarkers } from "../vendor/lightweight-charts.js";
import { get } from "../api.js";
import { h, put } from "../dom.js";
import { count, duration, number } from "../format.js";
import { shownAs } from "../mark_words.js";
import { words } from "../vocabulary.js";
import { rowsOf } from "./rows.js";

const MOST_MARKS = 300; // of more marks in a window none is drawn: they are added up
const MOST_BARS = 120; // in so many bars at most,
const BAR_WIDTH = 10; // each of so many pixels or more
const MARK_WIDTH = 20; // so much room each has where they are written beside, at least
const TEXT_WIDTH = 70; // and so much a bar with its sums
const CHOSEN = 1.8; // so much larger is what belongs to the chosen trade

const BOTH = { decided: "touched two exits, finer rows tell: ", ambiguous: "touched two exits, nothing tells which first, by rule: " };
const OPENING = new Set(["entry", "add"]);

// The trades that a mark belongs to: one, or those of an entry that was closed in parts.
export const tradesOf = ({ trade, trades }) => trades ?? [trade];

export class Marks {
  // `shown` gives the window that is looked at; `tell` is told what is not drawn, and `failing` does what may fail.
  constructor({ axis, prices, address, shown, tell, failing }) {
    const hidden = Object.entries(words.marks).filter(([, { is_hidden }]) => is_hidden);
    Object.assign(this, { axis, prices, address, shown, tell, failing, hidden: new Set(hidden.map(([kind]) => kind)), symbol: null, answer: null, turn: 0, chosen: null, drawn: [], listeners: [] });
    this.toggles = h("div", { className: "row", role: "group", "aria-label": "Marks on the price" });
  }

  // A button for each kind of marks that there is in the run, and for triggers, which are counted when they are shown.
  offer(kinds) {
    const known = Object.keys(words.marks);
    const there = Object.keys({ ...kinds, trigger: 0 }).sort((a, b) => known.indexOf(a) - known.indexOf(b));
    if (there.join() === this.offered?.join()) return;
    this.offered = there;
    put(this.toggles, there.map((kind) => this.toggle(kind, shownAs(kind).label, kinds[kind] && `${count(kinds[kind])} in the run`)));
  }

  toggle(kind, text, title) {
    const isShown = () => String(!this.hidden.has(kind));
    const onclick = () => {
      if (!this.hidden.delete(kind)) this.hidden.add(kind);
      button.setAttribute("aria-pressed", isShown());
      return this.failing(() => this.moved());
    };
    const button = h("button", { type: "button", className: "small", "aria-pressed": isShown(), title, onclick }, text);
    return button;
  }

  get mostBars() {
    return Math.max(1, Math.min(MOST_BARS, Math.floor(this.chart.timeScale().width() / BAR_WIDTH)));
  }

  attach(chart, look) {
    Object.assign(this, { chart, look });
    this.markers = createSeriesMarkers(this.prices.series, []);
  }

  restyle(look) {
    this.look = look;
    this.place();
  }

  clear() {
    this.answer = null;
    this.place();
  }

  ask(symbol) {
    this.symbol = symbol;
  }

  // A trade is chosen: what belongs to it is drawn larger. None: no longer.
  highlight(trade) {
    this.chosen = trade?.index ?? null;
    this.place();
  }

  // The marks of the window, anew.
  async moved() {
    if (this.axis.isEmpty) return;
    const turn = ++this.turn;
    const [from, to] = this.shown().map((at) => Math.round(Math.max(at, 0)));
    const period = this.axis.klines.period_ms;
    const end = Math.ceil(Math.max(to, from) / period) * period; // what belongs to the last kline may be known at its end
    const per = period * Math.max(1, Math.ceil((to - from) / period / this.mostBars));
    const without = [...this.hidden].filter((kind) => kind !== "trigger").join(",");
    const query = { symbol: this.symbol, start: from, end, most: MOST_MARKS, per, without, with_triggers: !this.hidden.has("trigger") };
    const answer = await get(`${this.address}/markers`, query);
    if (turn !== this.turn) return;
    this.answer = answer;
    this.offer(answer.kinds);
    this.place();
  }

  place() {
    if (!this.markers) return;
    const { answer } = this;
    const isThere = answer && !this.axis.isEmpty;
    this.drawn = !isThere ? [] : answer.per ? this.bars(answer) : this.groups(rowsOf(answer.columns));
    const withText = this.drawn.length * (answer?.per ? TEXT_WIDTH : MARK_WIDTH) <= this.chart.timeScale().width();
    this.markers.setMarkers(this.drawn.map((group, place) => ({ ...(group.bar ? ofBar(group, withText, this.look) : ofMarks(group, withText, this.look, this.chosen)), id: String(place) })));
    this.tell("marks", isThere && inWords(answer, this.drawn.length));
    this.tell("source", answer?.note);
    this.listeners.forEach((listener) => listener());
  }

  // One mark for all that is the same on one kline.
  groups(marks) {
    const groups = new Map();
    for (const mark of marks) {
      if (!this.axis.has(mark.time, mark.at_open)) continue;
      const at = this.axis.slot(mark.time, mark.at_open);
      const key = `${at} ${mark.kind} ${mark.kind === "trigger" ? "" : mark.side}`;
      if (!groups.has(key)) groups.set(key, { at, mark, marks: [] });
      groups.get(key).marks.push(mark);
    }
    return [...groups.values()].map((group) => ({ ...group, count: group.marks.length })).sort((a, b) => a.at - b.at);
  }

  bars({ bars, per }) {
    const [first, last] = this.axis.reach;
    return rowsOf(bars).map((bar) => ({ at: this.axis.slot(Math.min(Math.max(bar.time + per / 2, first), last)), bar: { ...bar, per }, marks: [], count: bar.count }));
  }

  // The exits in a kline that touched two of one entry.
  touchesIn(at) {
    return this.drawn.filter((group) => group.at === at).flatMap(({ marks }) => marks).filter(({ kind }) => BOTH[kind]);
  }

  told(values, at) {
    return this.touchesIn(at).map(({ kind, side }) => `  ${BOTH[kind]}${words.marks[side]?.label.toLowerCase() ?? side} first`);
  }
}

// How many of the marks in sight are told of, and how.
function inWords({ total, given, per }, drawn) {
  if (per) return `${count(given)} of ${count(total)} marks in sight, added up in ${count(drawn)} bars of ${duration(per)}: zoom in to see each`;
  return given < total && `${count(given)} of ${count(total)} marks in sight`;
}

const toneOf = (value) => (value > 0 ? "good" : value < 0 ? "bad" : "soft");

function ofBar({ at, bar }, withText, look) {
  const text = withText ? `${count(bar.count)}${bar.exits ? ` ${number(bar.pnl, 2, true)}` : ""}` : "";
  return { time: at / 1000, position: "aboveBar", shape: "circle", color: look[bar.exits ? toneOf(bar.pnl) : "accent"], size: 0.7, text };
}

function ofMarks({ at, mark, marks }, withText, look, chosen) {
  const { label, tone, shape } = shownAs(mark.kind);
  const isLong = mark.side !== "short" && mark.side !== "sell";
  const isOpening = OPENING.has(mark.kind);
  const isTrigger = mark.kind === "trigger";
  const below = isTrigger || isOpening === isLong;
  const priced = marks.filter(({ price }) => price !== null);
  const price = priced.length ? priced.reduce((sum, each) => sum + each.price, 0) / priced.length : null;
  const times = marks.length > 1 ? ` ×${marks.length}` : "";
  const name = mark.kind === "entry" ? (isLong ? "Long" : "Short") : label;
  const isChosen = chosen !== null && marks.some((each) => tradesOf(each).includes(chosen));
  return {
    time: at / 1000,
    ...(price === null ? { position: below ? "belowBar" : "aboveBar" } : { position: below ? "atPriceBottom" : "atPriceTop", price }),
    shape: shape === "arrow" ? (isLong ? "arrowUp" : "arrowDown") : shape,
    color: look[tone] ?? look.soft,
    size: (isTrigger ? 0.4 : withText ? 1 : 0.6) * (isChosen ? CHOSEN : 1),
    text: BOTH[mark.kind] ? (mark.kind === "decided" ? "!" : "?") : (withText || isChosen) && !isTrigger ? `${name}${times}` : "",
  };
}
