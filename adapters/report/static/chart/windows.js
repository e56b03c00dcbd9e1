// The window that is looked at decides which klines are fetched: from a year in long ones to a minute in short ones,
// never more than a few thousand at a time.

import { settled } from "../dom.js";

const POINTS = 1500;
const HOUR = 3600000;
const LEAST_PLACES = 5;

export class Windows {
  // `box` is the chart's element; `ask` gives the klines of a window and sees to all else that it needs, `draw` draws
  // what is at hand then, `moved` is called when another window of that is looked at, and `failed` is told what went wrong
  // with the last window that was asked for, null when it is there.
  constructor({ axis, box, ask, draw, moved, failed }) {
    Object.assign(this, { axis, box, ask, draw, moved, failed, range: null, asked: null, coming: null, turn: 0, shownTurn: 0, isLeft: false });
    this.followLater = settled(() => this.follow(), 150);
  }

  attach(chart) {
    this.scale = chart.timeScale();
    this.scale.subscribeVisibleLogicalRangeChange(() => this.onMove());
  }

  // Show nothing more.
  leave() {
    this.isLeft = true;
  }

  // A window is on its way: what moves meanwhile is nobody's wish.
  get loading() {
    return this.turn !== this.shownTurn;
  }

  // Nothing is at hand any more, until another window is.
  clear() {
    this.axis.take(null);
    this.asked = null;
  }

  // Fetch the klines of a window, and show [from, to] of it (everything when not given). Where they cannot be had those
  // at hand stay, and that is told.
  async load(start, end, from = start, to = end) {
    const turn = ++this.turn;
    try {
      const margin = Math.max((end - start) * 0.02, HOUR);
      const asked = { start: Math.round(Math.max(start - margin, 0)), end: Math.round(end + margin), points: POINTS };
      const found = await this.ask(asked);
      if (turn !== this.turn || this.isLeft) return;
      const [first, last] = this.range;
      this.asked = asked;
      this.axis.take(found.klines, Math.max(asked.start, first), Math.min(asked.end, last));
      this.draw(found);
      this.show(from, to);
      this.expect([from, to]);
      this.failed(null);
      await this.moved();
    } catch (error) {
      if (turn === this.turn && !this.isLeft) this.failed(error);
    } finally {
      if (turn === this.turn) this.shownTurn = turn;
    }
  }

  // The chart takes a window with its next frame, which a hidden tab has late: until then it answers with an older one.
  expect(window) {
    this.coming = window;
    requestAnimationFrame(() => {
      if (this.coming === window) this.coming = null;
    });
  }

  show(from, to) {
    if (this.axis.isEmpty) return;
    const place = this.axis.place(from);
    this.scale.setVisibleLogicalRange({ from: place, to: Math.max(this.axis.place(to), place + LEAST_PLACES) });
  }

  // What is looked at: from and to.
  get shown() {
    if (this.coming) return this.coming;
    if (this.axis.isEmpty) return this.range;
    const range = this.scale.getVisibleLogicalRange();
    return range ? [this.axis.instant(range.from), this.axis.instant(range.to)] : this.axis.reach;
  }

  onMove() {
    if (this.loading || this.axis.isEmpty) return;
    this.followLater();
  }

  // After a move or zoom: other klines when those at hand are too coarse, too fine, or do not reach.
  follow() {
    if (!this.box.isConnected || this.loading || this.axis.isEmpty) return;
    const [from, to] = this.shown;
    const period = this.axis.klines.period_ms;
    const shown = (to - from) / period;
    const [start, end] = this.range;
    const [first, last] = this.axis.reach;
    const isBeyond = Math.max(from, start) < first - period || Math.min(to, end) > last + period;
    const tooCoarse = shown < 100 && period > 60000;
    const tooFine = shown > POINTS && this.axis.times.length >= POINTS - 50;
    if (!isBeyond && !tooCoarse && !tooFine) {
      this.moved();
      return;
    }
    const span = to - from;
    this.load(Math.max(from - span, start), Math.min(to + span, end), from, to);
  }

  // So many hours around what is chosen, where that is in sight, or else up to the end of what is shown; 0: everything.
  zoomTo(hours, chosen = null) {
    const [start, end] = this.range;
    if (!hours) return this.load(start, end);
    const [from, to] = this.shown;
    const last = chosen !== null && from <= chosen && chosen <= to ? chosen + (hours * HOUR) / 2 : Math.max(Math.min(to, end), start);
    return this.focus(last - hours * HOUR, last);
  }

  focus(from, to) {
    const span = to - from;
    return this.load(from - span, to + span, from, to);
  }
}
