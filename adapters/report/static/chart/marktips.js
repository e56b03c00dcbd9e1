// What a mark tells: a box beside the one under the crosshair, or the one that keys have come to. Comma and full stop go
// from mark to mark, Enter chooses its trade or trigger, as a click does; Escape ends it.

import { h, put } from "../dom.js";
import { count, duration, time } from "../format.js";
import { factsOf, headOf } from "../mark_words.js";
import { words } from "../vocabulary.js";
import { tradesOf } from "./marks.js";

const MOST_TOLD = 5; // of the marks of one place
const STEPS = { ",": -1, ".": 1 };

export class MarkTips {
  // `onChoose` is called with what was chosen, {trade} or {trigger}; `open` with a bar that is to be looked into.
  constructor({ marks, prices, box, onChoose, open }) {
    Object.assign(this, { marks, prices, box, onChoose, open, at: null });
    this.element = h("div", { className: "mark-tip", role: "status", "aria-live": "polite", hidden: true });
    box.addEventListener("keydown", (event) => this.onKey(event));
    marks.listeners.push(() => this.renew());
  }

  attach(chart) {
    this.chart = chart;
    chart.subscribeCrosshairMove(({ hoveredObjectId }) => this.onHover(this.groupOf(hoveredObjectId)));
    chart.subscribeClick(({ hoveredObjectId }) => this.take(this.groupOf(hoveredObjectId)));
  }

  groupOf(id) {
    return typeof id === "string" ? this.marks.drawn[Number(id)] : undefined;
  }

  onHover(group) {
    if (group) this.show(group);
    else if (!this.isByKey) this.hide();
  }

  onKey(event) {
    const step = STEPS[event.key];
    if (step) this.step(step);
    else if (event.key === "Enter" && this.at) this.take(this.at);
    else if (event.key === "Escape" && this.at) this.hide();
    else return;
    event.preventDefault();
  }

  // To the next mark in sight, or the one before.
  step(step) {
    const x = (group) => this.chart.timeScale().timeToCoordinate(group.at / 1000);
    const width = this.chart.timeScale().width();
    const seen = this.marks.drawn.filter((group) => x(group) !== null && x(group) >= 0 && x(group) <= width);
    if (!seen.length) return;
    const place = seen.indexOf(this.at);
    const next = place < 0 ? (step > 0 ? 0 : seen.length - 1) : Math.min(Math.max(place + step, 0), seen.length - 1);
    this.show(seen[next]);
    this.isByKey = true;
  }

  // The first mark in sight that is of a trade, as if keys had come to it.
  showTrade(index) {
    const group = this.marks.drawn.find(({ marks }) => marks.some(({ trade }) => trade === index));
    if (!group) return;
    this.show(group);
    this.isByKey = true;
  }

  take(group) {
    if (!group) return;
    if (group.bar) {
      this.open(group.bar);
      return;
    }
    const of = group.marks.find(({ trade }) => trade !== null) ?? group.marks.find(({ trigger }) => trigger !== null);
    if (of) this.onChoose(of.trade === null ? { trigger: of.trigger } : { trade: of.trade });
  }

  show(group) {
    if (group !== this.at) put(this.element, group.bar ? barLines(group.bar) : markLines(group.marks));
    Object.assign(this, { at: group, isByKey: false });
    this.element.hidden = false;
    const at = group.marks.find((mark) => mark.price !== null)?.price;
    const x = this.chart.timeScale().timeToCoordinate(group.at / 1000) ?? 0;
    const y = (at === undefined ? null : this.prices.series.priceToCoordinate(at)) ?? 40;
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const left = x + 14 + width < this.box.clientWidth ? x + 14 : x - width - 14;
    this.element.style.left = `${Math.max(left, 0)}px`;
    this.element.style.top = `${Math.max(Math.min(y - height / 2, this.box.clientHeight - height), 0)}px`;
  }

  // The marks are drawn anew: what is told stays while its mark does.
  renew() {
    const { at, isByKey } = this;
    const again = at && this.marks.drawn.find((each) => each.at === at.at && each.count === at.count && each.mark?.kind === at.mark?.kind && each.mark?.trade === at.mark?.trade);
    if (!again) return this.hide();
    this.show(again);
    this.isByKey = isByKey;
    return undefined;
  }

  hide() {
    Object.assign(this, { at: null, isByKey: false });
    this.element.hidden = true;
  }
}

const known = (columns, row) => factsOf(columns, row).map(([label, text]) => line(label, text));

function barLines(bar) {
  return [
    h("b", {}, `${count(bar.count)} marks`),
    line("From", `${time(bar.time)} UTC, ${duration(bar.per)}`),
    known(words.columns.mark_bars, bar),
    h("div", {}, "Enter or a click shows each"),
  ];
}

function markLines(marks) {
  const more = marks.length - MOST_TOLD;
  return [marks.slice(0, MOST_TOLD).map(linesOf), more > 0 ? h("div", {}, `and ${count(more)} more: zoom in to see each`) : null];
}

// The numbers of its trades, and how many more there are.
function tradesSaid(mark) {
  const named = tradesOf(mark);
  const more = mark.trades ? mark.closings - named.length : 0;
  return `${named.map((trade) => `# ${count(trade + 1)}`).join(", ")}${more ? ` and ${count(more)} more` : ""}`;
}

// What is known of a mark, with units.
function linesOf(mark) {
  return h(
    "div",
    {},
    h("b", {}, headOf(mark)),
    line("Time", `${new Date(mark.time).toISOString().slice(0, 19).replace("T", " ")} UTC`),
    known(words.columns.marks, mark),
    mark.trade === null ? null : line(mark.trades ? "Trades" : "Trade", tradesSaid(mark)),
    mark.trigger === null ? null : line("Trigger", `# ${count(mark.trigger)}`),
  );
}

const line = (name, value) => h("div", {}, h("span", {}, `${name} `), value);
