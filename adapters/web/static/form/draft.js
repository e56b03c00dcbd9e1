// What is being written, kept in the browser for the address that it is written at, until it is discarded.

import { settled } from "../dom.js";

const WAIT_MS = 400;
const LEAVING = ["pagehide", "beforeunload", "hashchange"];

export class Draft {
  // `read` gives what there is now as a text; what is the same as `untouched` is no draft.
  constructor(address, read, onKeep = () => {}) {
    Object.assign(this, { key: keyOf(address), read, onKeep, untouched: null, isDirty: false });
    this.later = settled(() => this.flush(), WAIT_MS);
    this.leave = () => this.flush();
    this.hide = () => document.visibilityState === "hidden" && this.flush();
    LEAVING.forEach((name) => window.addEventListener(name, this.leave));
    document.addEventListener("visibilitychange", this.hide);
  }

  get kept() {
    return keptDraft(this.key);
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

  discard() {
    this.isDirty = false;
    localStorage.removeItem(this.key);
  }

  close() {
    this.flush();
    LEAVING.forEach((name) => window.removeEventListener(name, this.leave));
    document.removeEventListener("visibilitychange", this.hide);
  }
}

const keyOf = (address) => `draft ${address}`;

// What was kept before under a key: {at, text}, or null.
function keptDraft(key) {
  try {
    const found = JSON.parse(localStorage.getItem(key));
    return typeof found?.text === "string" ? found : null;
  } catch {
    return null; // another program's, or cut off
  }
}

// The draft of an address, or null.
export const draftOf = (address) => keptDraft(keyOf(address));
