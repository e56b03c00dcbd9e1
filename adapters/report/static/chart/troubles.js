// What a chart could not show, in words below it.

import { h, put } from "../dom.js";

export class Troubles {
  constructor() {
    this.known = new Map();
    this.element = h("div", { className: "bad small", role: "alert", hidden: true });
  }

  // Note what went wrong with something, in what it did; null: that goes well again.
  note(name, error, what = "") {
    const key = `${name} ${what}`;
    const text = error ? `${name}: ${error.message || error}` : null;
    if ((this.known.get(key) ?? null) === text) return;
    if (text) console.warn(text, error);
    this.known.set(key, text);
    const lines = [...new Set([...this.known.values()].filter(Boolean))];
    this.element.hidden = !lines.length;
    put(this.element, lines.length ? h("p", {}, "Not all of the chart can be shown; figures and tables are complete.") : null, lines.map((line) => h("p", {}, line)));
  }
}
