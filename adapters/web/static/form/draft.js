// What is being written, kept in the browser at the place of this tab, until it is discarded.

import { settled } from "../dom.js";
import { keptAt, letGo } from "./draft_places.js";

const WAIT_MS = 400;
const LEAVING = ["pagehide", "beforeunload", "hashchange"];

export class Draft {
  // `read` gives what there is now as a text; what is the same as `untouched` is no draft.
  constructor(key, read, onKeep = () => {}) {
    Object.assign(this, { key, read, onKeep, untouched: null, isDirty: false });
    this.later = settled(() => this.flush(), WAIT_MS);
    this.leave = () => this.flush();
    this.hide = () => document.visibilityState === "hidden" && this.flush();
    LEAVING.forEach((name) => window.addEventListener(name, this.leave));
    document.addEventListener("visibilitychange", this.hide);
  }

  get kept() {
    return keptAt(this.key);
  }

  // What is the same as this is no draft; until it is known, everything is one.
  begin(untouched) {
    this.untouched = untouched;
  }

  touch() {
    this.isDirty = true;
    this.later();
  }

  flush() {
    if (!this.isDirty) return;
    this.isDirty = false;
    const text = this.read();
    if (text === this.untouched) localStorage.removeItem(this.key);
    else this.keep(text);
    this.onKeep(text !== this.untouched);
  }

  keep(text) {
    try {
      localStorage.setItem(this.key, JSON.stringify({ at: Date.now(), text }));
    } catch {
      this.onKeep(false, "The browser has no room for a draft: save the program, or copy it");
    }
  }

  // What was typed a moment ago is not kept either.
  discard() {
    this.isDirty = false;
    localStorage.removeItem(this.key);
  }

  close() {
    this.flush();
    LEAVING.forEach((name) => window.removeEventListener(name, this.leave));
    document.removeEventListener("visibilitychange", this.hide);
    letGo(this.key);
  }
}
