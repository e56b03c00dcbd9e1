// Completions and help for the editor: at the mouse, and by keyboard for the place of the cursor.

import { h, put, settled } from "../dom.js";
import { helpAt, programWords, wordAt, wordsAt } from "./words.js";

const TYPES = { method: "function", property: "property", keyword: "keyword", member: "enum", name: "variable", text: "text" };
const HOVER_MS = 250;

// What CodeMirror asks for completions.
export async function completions(context) {
  const begun = context.matchBefore(/[\w.]+$|["'][^"']*$/);
  if (!begun && !context.explicit) return null;
  const known = await programWords();
  const { from, found } = wordsAt(known, context.state.doc.toString(), context.pos);
  if (!found.length) return null;
  const options = found.map(({ name, kind, owner, signature, text }) => ({
    label: name, type: TYPES[kind], detail: kind === "text" ? "" : signature.slice(0, 90), info: text || undefined,
    apply: owner === "Decision" ? `${name}=` : name, boost: owner ? 10 : 0,
  }));
  return { from, options, validFor: /^[\w]*$/ };
}

// Help below the editor for where the cursor is, read out when it is asked for by key; and a tip where the mouse rests.
export class Help {
  constructor(holder) {
    this.line = h("p", { className: "program-help soft small" });
    this.spoken = h("p", { role: "status", className: "unseen" });
    this.tip = h("div", { className: "program-tip", role: "tooltip", hidden: true });
    this.element = h("div", {}, this.line, this.spoken);
    this.atCursor = settled(() => this.showLine(), HOVER_MS);
    this.known = null;
    programWords().then((known) => (this.known = known)).catch(() => put(this.line, "No help: the server did not answer"));
    holder.append(this.tip);
    holder.addEventListener("mousemove", (event) => this.rest(event));
    holder.addEventListener("mouseleave", () => this.hide());
    holder.addEventListener("keydown", () => this.hide());
    this.rested = settled(() => this.showTip(), HOVER_MS);
    put(this.line, HINT);
  }

  watch(view) {
    this.view = view;
    view.scrollDOM.addEventListener("scroll", () => this.hide());
  }

  rest(event) {
    this.mouse = { x: event.clientX, y: event.clientY };
    if (event.target.closest?.(".program-tip")) return; // its text can be read and selected
    this.rested();
  }

  showTip() {
    const place = this.view?.dom.isConnected && this.mouse && this.view.posAtCoords(this.mouse);
    const found = typeof place === "number" && this.known && wordAt(this.known, this.view.state.doc.toString(), place);
    if (!found) return this.hide();
    const [start, box] = [this.view.coordsAtPos(found.from), this.tip.parentElement.getBoundingClientRect()];
    if (!start || this.mouse.y < start.top - 4 || this.mouse.y > start.bottom + 4) return this.hide();
    put(this.tip, ...described(found.word));
    this.tip.hidden = false;
    const left = Math.min(start.left - box.left, box.width - this.tip.offsetWidth - 8);
    const below = start.bottom - box.top + 4;
    const fits = below + this.tip.offsetHeight < box.height;
    this.tip.style.left = `${Math.max(left, 4)}px`;
    this.tip.style.top = `${fits ? below : Math.max(start.top - box.top - this.tip.offsetHeight - 4, 4)}px`;
    return undefined;
  }

  hide() {
    this.mouse = null;
    this.tip.hidden = true;
  }

  here() {
    const { state } = this.view;
    return this.known && helpAt(this.known, state.doc.toString(), state.selection.main.head);
  }

  showLine(isWhole = false) {
    const word = this.view?.dom.isConnected && this.here();
    put(this.line, word ? described(word, isWhole) : HINT);
  }

  // Asked for by key: said aloud, and shown.
  speak() {
    const word = this.here();
    this.showLine(true);
    put(this.spoken, word ? `${word.signature}. ${word.text}` : "There is no help for this word");
    return true;
  }
}

const HINT = "Ctrl+Space completes, F1 explains the word at the cursor, F8 goes to the next problem, Escape then Tab leaves the editor.";
const LONGEST = { signature: 160, text: 240 }; // characters of each, where not all is asked for
const shortened = (text, most) => (text.length > most ? `${text.slice(0, most)}...` : text);
function described({ signature, text }, isWhole = true) {
  if (isWhole) return [h("code", {}, signature), " ", text];
  return [h("code", {}, shortened(signature, LONGEST.signature)), " ", shortened(text, LONGEST.text)];
}
