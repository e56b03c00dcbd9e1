// The fields of a configuration as inputs. The server says of which kind each is; the kind says how it is shown.

import { h, options, put, select } from "./dom.js";
import { Editor } from "./editor.js";
import { faultEditor } from "./form/fault_editor.js";
import { count, time } from "./format.js";

const KINDS = {
  number: numeric, whole: numeric, flag, choice, interval, time: instant, hours, several, table, pools: poolList, program,
  faults: (setting, around) => faultEditor(setting, around, parsed),
  object: foreignObject, "exchange name": exchangeName, "symbol list": symbolList,
};
const BLOCKS = ["table", "pools", "program", "object", "symbol list"];
const SECONDS = "seconds";

// A reviver for JSON.parse: numbers that JavaScript would change (1.0, a seed above 2^53) stay as they were written.
export function asWritten(key, value, context) {
  const isChanged = typeof value === "number" && context && String(value) !== context.source;
  return isChanged && JSON.rawJSON ? JSON.rawJSON(context.source) : value;
}

// One field. What is not touched keeps the value that it was given, in whatever form that came.
export class Field {
  constructor(setting, around) {
    this.setting = setting;
    this.around = around;
    this.isLong = setting.choices.some((each, place) => setting.meanings[place]?.length > 20);
    this.widget = (KINDS[setting.kind] || anything)(setting, around);
    this.isBlock = this.widget.isBlock || BLOCKS.includes(setting.kind);
    this.input = this.widget.input || this.widget.element;
    this.note = h("span", { className: "field-problem" });
    this.back = h("button", { type: "button", className: "back", hidden: true, title: "Put it back to its default", "aria-label": `Put ${setting.label} back to its default`, onclick: () => this.reset() }, "Default");
    this.element = h("div", { className: this.isLong ? "cell long" : "cell" }, this.labelled(), this.canReset ? this.back : null);
    this.sought = [setting.name, setting.name.replaceAll("_", " "), setting.label, setting.help, setting.unit, ...setting.choices, ...(setting.meanings || [])].join(" ").toLowerCase();
  }

  get canReset() {
    return this.setting.is_required === false;
  }

  labelled() {
    const { label, unit, help, bounds, kind } = this.setting;
    const title = unit ? `${label}, ${unit}` : label;
    const hint = h("span", { className: "hint" }, help, this.canReset ? h("span", {}, `. Default: ${this.setting.default_text}`) : null);
    if (kind === "flag") return h("label", { className: "check field" }, this.input, h("span", {}, title, hint, this.note));
    if (this.isBlock && kind !== "table") return h("div", { title: help }, this.widget.element, this.note);
    return h("label", { className: "field", title: bounds }, h("span", {}, title), this.widget.element, hint, this.note);
  }

  show(value) {
    this.widget.show(value);
    this.given = value;
    this.shown = JSON.stringify(this.widget.read());
  }

  get value() {
    const found = this.widget.read();
    return JSON.stringify(found) === this.shown ? this.given : found;
  }

  get isDefault() {
    return plain(this.value ?? this.setting.default) === plain(this.setting.default);
  }

  // Whether it differs from its default: what has none, such as the program, does not.
  get isChanged() {
    return this.canReset && !this.isDefault;
  }

  reset() {
    this.show(this.setting.default);
    this.around.onChange();
    this.focus();
  }

  matches(words) {
    return words.every((word) => this.sought.includes(word));
  }

  focus() {
    const target = this.input.matches("input, select, textarea") ? this.input : this.element.querySelector("input, select, textarea, button:not([hidden])") || this.element;
    this.element.scrollIntoView({ block: "center" });
    target.focus({ preventScroll: true });
  }

  tellChange() {
    this.back.hidden = !this.isChanged;
    this.element.classList.toggle("changed", this.isChanged);
  }

  mark(messages, isWrong) {
    this.input.setAttribute("aria-invalid", isWrong);
    this.note.classList.toggle("mild", !isWrong);
    this.note.textContent = messages.join("; ") + (messages.length ? (this.widget.hint?.() ?? "") : "");
    this.tellChange();
  }
}

export const plain = (value) => JSON.stringify(JSON.parse(JSON.stringify(value ?? null)));

function parsed(text) {
  try {
    return JSON.parse(text, asWritten);
  } catch {
    return text; // the server says what is wrong with it
  }
}

// What an input is: its element, how it shows a value, and which value it has.
const widget = (element, show, read, more = {}) => ({ element, show, read, ...more });

function numeric(setting) {
  const input = h("input", {
    type: "number", name: setting.name, step: setting.kind === "whole" ? 1 : "any", max: setting.at_most,
    min: setting.above ?? setting.at_least, placeholder: setting.is_optional ? setting.none : setting.default,
  });
  const show = (value) => (input.value = value === null ? "" : JSON.stringify(value));
  return widget(input, show, () => (input.value === "" ? undefined : parsed(input.value)));
}

function flag(setting) {
  const input = h("input", { type: "checkbox", name: setting.name });
  return widget(input, (value) => (input.checked = value), () => input.checked);
}

function choice(setting) {
  const input = h("select", { name: setting.name });
  const none = setting.is_optional ? [["", `none: ${setting.none}`]] : [];
  const known = setting.choices.map((each, place) => [each, setting.meanings[place] ? `${each}: ${setting.meanings[place]}` : each]);
  const show = (value) => {
    const foreign = value === null || setting.choices.includes(value) ? [] : [[value, value]];
    put(input, options([...none, ...known, ...foreign]));
    input.value = value ?? "";
  };
  return widget(input, show, () => input.value || null);
}

function interval(setting) {
  const seconds = h("input", { type: "number", min: 1, step: 1, "aria-label": `${setting.label}, in seconds` });
  const showSeconds = () => (seconds.hidden = input.value !== SECONDS);
  const known = [["", setting.none], ...setting.choices.map((each) => [each, each]), [SECONDS, "seconds"]];
  const input = select({ name: setting.name, onchange: showSeconds }, known);
  const show = (value) => {
    const isSeconds = value !== null && !setting.choices.includes(value);
    seconds.value = isSeconds ? value : "";
    input.value = isSeconds ? SECONDS : (value ?? "");
    showSeconds();
  };
  const read = () => (input.value === SECONDS ? parsed(seconds.value) : input.value || null);
  return widget(h("div", { className: "pair" }, input, seconds), show, read, { input });
}

// The box is in UTC. A text without a zone is shown as if it was, and is a problem until a key or a date is chosen here.
function instant(setting, { onChange }) {
  let isOpen = false;
  const settle = ({ key }) => {
    if (!isOpen || key === "Tab") return;
    isOpen = false;
    onChange();
  };
  const input = h("input", { type: "datetime-local", step: 1, name: setting.name, oninput: settle, onkeyup: settle });
  const show = (value) => {
    isOpen = isZoneless(value);
    const at = new Date(isOpen ? `${value}Z` : (value ?? NaN));
    input.value = isNaN(at) ? "" : at.toISOString().slice(0, -1);
  };
  const read = () => (input.value ? `${input.value}${isOpen ? "" : "Z"}` : undefined);
  return widget(input, show, read, { hint: () => (isOpen ? "; what is typed here is UTC" : "") });
}

const isZoneless = (value) => typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(value);

function hours(setting) {
  const input = h("input", { name: setting.name, placeholder: "20, 20, 30, ..." });
  return widget(input, (value) => (input.value = value.join(", ")), () => input.value.split(/[\s,]+/).filter(Boolean).map(parsed));
}

function several(setting) {
  const input = h("input", { name: setting.name, placeholder: setting.choices.join(", ") });
  return widget(input, (value) => (input.value = value.join(", ")), () => input.value.split(/[\s,]+/).filter(Boolean));
}

// JSON as text; nothing of it is an empty box.
function table(setting) {
  const input = h("textarea", { name: setting.name, rows: 3, placeholder: '{"threshold": 30}', spellcheck: false });
  const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));
  const show = (value) => (input.value = plain(value) === "{}" ? "" : text(value));
  return widget(input, show, () => (input.value.trim() ? parsed(input.value) : {}));
}

function anything(setting) {
  const input = h("input", { name: setting.name });
  return widget(input, (value) => (input.value = JSON.stringify(value)), () => (input.value.trim() ? parsed(input.value) : undefined));
}

function program(setting, { onChange }) {
  const holder = h("div", { className: "editor" });
  const editor = new Editor(holder, "", onChange);
  return widget(h("div", {}, holder, editor.help.element), (value) => (editor.text = value ?? ""), () => editor.text, { editor });
}

function foreignObject() {
  const element = h("div", { className: "bad" });
  const note = (name) => `This was run from Python with ${name}, whose source text is not stored: write the program here.`;
  return widget(element, (name) => put(element, name ? note(name) : ""), () => undefined);
}

function exchangeName(setting, { series }) {
  const input = h("select", { name: setting.name });
  const show = (value) => {
    put(input, options([...new Set([...series.map((each) => each.exchange), value])].map((each) => [each, each])));
    input.value = value;
  };
  return widget(input, show, () => input.value);
}

// Boxes to tick. What is ticked keeps its order: of what happens at one instant the first comes first.
function ticks(setting, entries) {
  let ticked = [];
  const element = h("div", { role: "group", "aria-label": setting.label });
  const tick = (value, isOn) => (ticked = isOn ? [...ticked, value] : ticked.filter((each) => each !== value));
  const row = ({ value, text, about, isOff, title }) => {
    const checked = ticked.includes(value);
    const box = h("input", { type: "checkbox", value, checked, disabled: isOff && !checked, onchange: () => tick(value, box.checked) });
    return h("label", { className: "check", title }, box, h("span", {}, text, " ", h("span", { className: "soft small" }, about)));
  };
  const show = (values) => {
    ticked = [...values];
    const known = entries();
    const foreign = ticked.filter((value) => !known.some((each) => each.value === value));
    put(element, [...known, ...foreign.map((value) => ({ value, text: value, about: "not in the database" }))].map(row));
  };
  return widget(element, show, () => [...ticked]);
}

function symbolList(setting, { stored }) {
  const span = (each) => `${each.period} ${time(each.first_ms).slice(0, 10)} to ${time(each.last_ms).slice(0, 10)} (${count(each.count)})`;
  return ticks(setting, () => [...stored()].map(([value, parts]) => ({ value, text: value, about: parts.map(span).join("; ") })));
}

function poolList(setting, { pools }) {
  const about = (pool) => `pool ${pool.id}${pool.enabled ? "" : ", disabled"}`;
  const title = (pool) => pool.problems.join("; ") || pool.signals.join(` ${pool.logic} `);
  const isOff = (pool) => !pool.enabled || pool.problems.length > 0;
  return ticks(setting, () => pools.map((pool) => ({ value: pool.id, text: pool.name, about: about(pool), isOff: isOff(pool), title: title(pool) })));
}
