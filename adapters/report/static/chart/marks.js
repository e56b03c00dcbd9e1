// The marks on the price: entries, exits and, where they are asked for, triggers. One mark for all that is the same on
// one kline.

import { createSeriesMarkers } from "../vendor/lightweight-charts.js";
import { get } from "../api.js";
import { h } from "../dom.js";
import { count } from "../format.js";
import { words } from "../vocabulary.js";
import { rowsOf } from "./rows.js";

const MOST_ASKED = 20000;
const MOST_MARKS = 300; // of more marks so many are drawn, spread evenly
const MOST_WITH_TEXT = 150;
const MOVES = 0.618034; // so much of its part further on each one stands, or kinds that take turns would be lost

const BOTH = { decided: "touched two exits, finer rows tell: ", ambiguous: "touched two exits, nothing tells which first, by rule: " };

export class Marks {
  // `shown` gives the window that is looked at; `tell` is told what is not drawn.
  constructor({ axis, prices, address, shown, tell }) {
    Object.assign(this, { axis, prices, address, shown, tell, hidden: new Set(["trigger"]), symbol: null, trades: null, triggers: null, drawn: [] });
    this.toggles = Object.entries(words.marks).map(([kind, { label }]) => this.toggle(kind, label));
  }

  toggle(kind, text) {
    const button = h("button", { type: "button", className: "small", "aria-pressed": String(!this.hidden.has(kind)) }, text);
    button.addEventListener("click", () => {
      if (!this.hidden.delete(kind)) this.hidden.add(kind);
      button.setAttribute("aria-pressed", String(!this.hidden.has(kind)));
      this.moved();
    });
    return button;
  }

  attach(chart, look) {
    this.look = look;
    this.markers = createSeriesMarkers(this.prices.series, []);
  }

  restyle(look) {
    this.look = look;
    this.place();
  }

  // The marks of the trades of another symbol.
  async ask(symbol) {
    Object.assign(this, { symbol, triggers: null });
    const { columns } = await get(`${this.address}/markers`, { symbol, most: MOST_ASKED, with_triggers: false });
    this.trades = rowsOf(columns);
  }

  choose() {
    this.place();
  }

  // The marks anew, with the triggers of the window where these are shown.
  async moved() {
    if (!this.hidden.has("trigger") && !this.axis.isEmpty) {
      const [from, to] = this.shown();
      const query = { symbol: this.symbol, start: Math.round(Math.max(from, 0)), end: Math.round(to), most: MOST_ASKED };
      const { columns } = await get(`${this.address}/markers`, query);
      this.triggers = rowsOf(columns).filter((mark) => mark.kind === "trigger");
    }
    this.place();
  }

  place() {
    if (this.axis.isEmpty || !this.trades) return;
    const [first, last] = this.axis.reach;
    const groups = new Map();
    for (const mark of [...this.trades, ...(this.hidden.has("trigger") ? [] : this.triggers || [])]) {
      if (this.hidden.has(mark.kind) || mark.time < first || mark.time > last) continue;
      const at = this.axis.slot(mark.time);
      const key = `${at} ${mark.kind} ${mark.kind === "trigger" ? "" : mark.side}`;
      const group = groups.get(key) || { at, mark, count: 0 };
      group.count += 1;
      groups.set(key, group);
    }
    const drawn = [...groups.values()].sort((a, b) => a.at - b.at);
    const withText = drawn.length < MOST_WITH_TEXT;
    const shown = spread(drawn, MOST_MARKS);
    this.tell("marks", shown.length < drawn.length && `${count(shown.length)} of ${count(drawn.length)} marks are drawn`);
    this.markers.setMarkers(shown.map((group) => markOf(group, withText, this.look)));
    this.drawn = drawn;
  }

  // The exits in a kline that touched two of one entry.
  touchesIn(at) {
    return (this.trades ?? []).filter((mark) => BOTH[mark.kind] && this.axis.slot(mark.time) === at);
  }

  told(values, at) {
    return this.touchesIn(at).map(({ kind, side }) => `  ${BOTH[kind]}${words.marks[side]?.label.toLowerCase() ?? side} first`);
  }
}

// At most so many of a list, spread evenly over it.
function spread(list, most) {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, place) => list[Math.floor(((place + ((place * MOVES) % 1)) * list.length) / most)]);
}

function markOf({ at, mark, count }, withText, look) {
  const { label, tone, shape } = words.marks[mark.kind] ?? { label: mark.kind, tone: "soft", shape: "circle" };
  const isLong = mark.side !== "short";
  const isEntry = mark.kind === "entry";
  const isTrigger = mark.kind === "trigger";
  const times = count > 1 ? ` ×${count}` : "";
  return {
    time: at / 1000,
    position: isTrigger || isEntry === isLong ? "belowBar" : "aboveBar",
    shape: shape === "arrow" ? (isLong ? "arrowUp" : "arrowDown") : shape,
    color: look[tone],
    size: isTrigger ? 0.4 : withText ? 1 : 0.5,
    text: BOTH[mark.kind] ? (mark.kind === "decided" ? "!" : "?") : withText && !isTrigger ? `${isEntry ? (isLong ? "Long" : "Short") : label}${times}` : "",
  };
}
