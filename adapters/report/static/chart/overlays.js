// What can be shown beside price, equity and drawdown: each by a button of its own, whose state is kept. Nothing is
// fetched for one that is not shown.
//
// An overlay has a `key`, `label` and `about`, and of these what it needs: `attach(chart, look)` adds its series,
// `detach()` takes them away, `bring(range, symbol)` gives what it shows of a window, `draw(answer, look)` draws that, and
// `said(at)` and `told(values, at)` are its share of the line below the crosshair.

import { h, put } from "../dom.js";
import { keep, kept } from "./kept.js";

export class Overlays {
  // `shown` gives the range that is at hand and the symbol, `changed` is called when one came after the others or went, `failed`
  // is told what went wrong with one.
  constructor({ overlays, shown, changed, failed }) {
    Object.assign(this, { shown, changed, failed, overlays: [], on: new Set(), buttons: new Map() });
    this.element = h("div", { className: "row", role: "group", "aria-label": "Shown in the chart" });
    this.offer(overlays);
  }

  // Offer further ones; `known` are those that are offered no more.
  offer(overlays, instead = []) {
    for (const each of instead) this.withdraw(each);
    for (const each of overlays) {
      const button = h("button", { type: "button", className: "small", title: each.about, "aria-pressed": "false", onclick: () => this.turn(each) }, each.label);
      this.buttons.set(each, button);
      this.overlays.push(each);
    }
    put(this.element, [...this.buttons.values()]);
    if (this.chart) this.overlays.filter((each) => this.isWanted(each)).forEach((each) => this.add(each));
  }

  withdraw(overlay) {
    if (this.on.has(overlay)) this.remove(overlay);
    this.buttons.delete(overlay);
    this.overlays = this.overlays.filter((each) => each !== overlay);
  }

  isWanted(overlay) {
    return kept(`show ${overlay.key}`) ?? Boolean(overlay.isFirst);
  }

  attach(chart, look) {
    Object.assign(this, { chart, look });
    this.overlays.filter((each) => this.isWanted(each)).forEach((each) => this.add(each));
  }

  add(overlay) {
    if (this.on.has(overlay)) return;
    overlay.attach(this.chart, this.look);
    this.on.add(overlay);
    this.buttons.get(overlay).setAttribute("aria-pressed", "true");
  }

  remove(overlay) {
    this.on.delete(overlay);
    overlay.answer = null;
    overlay.detach();
    this.buttons.get(overlay).setAttribute("aria-pressed", "false");
  }

  async turn(overlay) {
    const isOn = !this.on.has(overlay);
    keep(`show ${overlay.key}`, isOn);
    if (!isOn) {
      this.remove(overlay);
      this.changed();
      return this.failed(overlay, null);
    }
    this.add(overlay);
    return this.refresh(overlay);
  }

  // Fetch and draw one for the window at hand.
  async refresh(overlay) {
    const { range, symbol } = this.shown();
    if (!range) return;
    const answer = await this.ask(overlay, range, symbol);
    const now = this.shown();
    if (this.on.has(overlay) && now.range === range && now.symbol === symbol) {
      this.put(overlay, answer);
      this.placeMarks();
      this.changed();
    }
  }

  // Marks know their places by the times of all series: they come last.
  placeMarks() {
    for (const overlay of this.on) if (overlay.markers && overlay.answer) this.put(overlay, { found: overlay.answer });
  }

  async ask(overlay, range, symbol) {
    try {
      return { found: await overlay.bring?.(range, symbol) };
    } catch (error) {
      return { error };
    }
  }

  put(overlay, { found, error }) {
    try {
      if (error) throw error;
      overlay.answer = found;
      overlay.draw(found, this.look);
      this.failed(overlay, null);
    } catch (problem) {
      this.failed(overlay, problem);
    }
  }

  // What those that are shown have of a window; the first view does not wait for it.
  async bring(range, symbol) {
    if (!this.hasBegun) {
      this.hasBegun = true;
      return new Map();
    }
    const overlays = [...this.on];
    const answers = await Promise.all(overlays.map((each) => this.ask(each, range, symbol)));
    return new Map(overlays.map((each, place) => [each, answers[place]]));
  }

  take(answers) {
    this.answers = answers;
  }

  draw() {
    for (const overlay of this.on) {
      const answer = this.answers.get(overlay);
      if (answer) this.put(overlay, answer);
      else this.refresh(overlay); // it was turned on while the window was on its way
    }
    this.placeMarks();
  }

  restyle(look) {
    this.look = look;
    for (const overlay of this.on) if (overlay.answer !== null) overlay.draw(overlay.answer, look);
  }

  said(at) {
    return [...this.on].flatMap((each) => (each.answer ? (each.said?.(at) ?? []) : []));
  }

  told(values, at) {
    return [...this.on].flatMap((each) => each.told?.(values, at) ?? []);
  }
}
