// All fields of a configuration, in the groups that the server tells of, filled with the values of one.

import { h, put } from "../dom.js";
import { Field } from "../fields.js";
import { text, time } from "../format.js";
import { template } from "../template.js";
import { words } from "../vocabulary.js";

const DAY = 86400000;
const FIRST_DAYS = 30;
const RANGES = [[7, "Last 7 days"], [30, "30 days"], [90, "90 days"], [Infinity, "All after the warm-up"], [0, "Everything"]];
const OTHER = { is_rare: false, title: "Not known to this server", presets: {} };
const UNKNOWN = { help: "Empty it to leave it out", choices: [], meanings: [] };
const UNSOUGHT = ["program", "object"];

export class Form {
  constructor(series, pools, given, onChange) {
    Object.assign(this, { series, onChange, usable: null, rangeButtons: [], usableNote: h("span", { id: "usable", className: "soft small" }) });
    const around = { series, pools, onChange, stored: () => this.stored() };
    const known = words.fields.flatMap((group) => group.fields.map((setting) => setting.name));
    const foreign = Object.keys(given).filter((name) => !known.includes(name));
    const groups = foreign.length ? [...words.fields, { ...OTHER, fields: foreign.map((name) => ({ ...UNKNOWN, name, label: name })) }] : words.fields;
    this.groups = groups.map((group) => new Group(group, around, this));
    this.fields = this.groups.flatMap((group) => group.fields);
    this.findable = this.fields.filter((field) => !UNSOUGHT.includes(field.setting.kind));
    [this.exchange] = this.ofKind("exchange name");
    [this.symbols] = this.ofKind("symbol list");
    [this.program] = this.ofKind("program");
    this.base = this.ofRole("base");
    this.range = this.ofKind("time");
    this.fill(given);
    this.exchange.input.addEventListener("change", () => this.keepStored());
    this.symbols.input.addEventListener("change", () => this.followSymbols());
    for (const field of this.fields.filter((each) => each.setting.sets)) {
      field.input.addEventListener("change", () => this.apply(field.setting.sets[field.value || ""]));
    }
  }

  ofKind(kind) {
    return this.fields.filter((field) => field.setting.kind === kind);
  }

  ofRole(role) {
    return this.fields.find((field) => field.setting.role === role);
  }

  fill(given) {
    const isNew = (field) => !(field.setting.name in given);
    const start = ({ kind, start }) => (kind === "program" ? template([]) : start);
    for (const field of [this.exchange, ...this.fields]) field.show(isNew(field) ? start(field.setting) : given[field.setting.name]);
    if (isNew(this.exchange) && this.series.length && !this.stored().size) this.exchange.show(this.series[0].exchange);
    if (!this.symbols.value.length) this.keepStored();
    if (isNew(this.base)) this.takeStoredPeriod();
    this.templated = template(this.symbols.value);
    if (isNew(this.program)) this.useTemplate();
    this.groups.forEach((group) => group.tellChanges());
  }

  // What is stored of the chosen exchange, by symbol.
  stored() {
    const here = this.series.filter((each) => each.exchange === this.exchange.value);
    return new Map([...new Set(here.map((each) => each.symbol))].map((symbol) => [symbol, here.filter((each) => each.symbol === symbol)]));
  }

  keepStored() {
    const there = this.stored();
    const kept = this.symbols.value.filter((symbol) => there.has(symbol));
    this.symbols.show(kept.length ? kept : [...there.keys()].slice(0, 1));
    this.followSymbols();
  }

  // A program that is still the template trades what is chosen.
  followSymbols() {
    if (this.program.value === this.templated) this.useTemplate();
  }

  useTemplate() {
    this.templated = template(this.symbols.value);
    this.program.show(this.templated);
  }

  // Where no klines of the usual period are stored, the shortest that are.
  takeStoredPeriod() {
    const parts = this.symbols.value.flatMap((symbol) => this.stored().get(symbol) || []);
    const periods = this.base.setting.choices.filter((period) => parts.some((each) => each.period === period));
    if (periods.length && !periods.includes(this.base.value)) this.base.show(periods[0]);
  }

  // What the server says can be run of the symbols; a range that is not chosen yet is taken from it. Tells whether.
  takeUsable(usable) {
    this.usable = usable;
    this.tellUsable();
    const isOpen = usable !== null && this.range.some((field) => !field.input.value);
    if (isOpen) this.show(this.rangeOf(FIRST_DAYS));
    return isOpen;
  }

  tellUsable() {
    for (const button of this.rangeButtons) button.disabled = this.usable === null;
    if (!this.usable) return put(this.usableNote);
    const { first_ms: first, last_ms: last, start_ms: start, needs } = this.usable;
    const ready = start > first ? `: it has them from ${time(start)} on` : ", more than are stored";
    put(this.usableNote, `Stored: ${time(first)} to ${time(last)} UTC.${needs ? ` Warm-up: ${needs}${ready}.` : ""}`);
  }

  // The last days of what can be run, as values; 0 stands for all that is stored.
  rangeOf(days = FIRST_DAYS) {
    if (!this.usable) return {};
    const { first_ms: first, last_ms: last, start_ms: start } = this.usable;
    const [from, to] = this.range.map((field) => field.setting.name);
    return { [from]: days ? Math.max(start, last - days * DAY) : first, [to]: last };
  }

  show(values) {
    for (const field of this.fields) if (field.setting.name in values) field.show(values[field.setting.name]);
  }

  apply(values) {
    this.show(values);
    this.onChange();
  }

  values() {
    const shown = this.fields.filter((field) => field.setting.kind !== "object" && field.value !== undefined);
    return Object.fromEntries(shown.map((field) => [field.setting.name, field.value]));
  }

  // Values in the order of the form, with the range that a new one begins with where they have none.
  completed(values) {
    const isGiven = ([, value]) => value !== null && value !== undefined;
    const all = { ...values, ...this.rangeOf(), ...Object.fromEntries(Object.entries(values).filter(isGiven)) };
    return Object.fromEntries(this.fields.map(({ setting }) => setting.name).filter((name) => name in all).map((name) => [name, all[name]]));
  }

  mark(problems) {
    for (const group of this.groups) group.mark(problems);
  }

  // Show the fields that are wanted, and tell how many; the program stays.
  filter(isWanted, isAsked) {
    let shown = 0;
    for (const group of this.groups) shown += group.filter(isWanted, isAsked);
    return shown;
  }

  // Problems as their fields come in the form; those of no field last.
  inOrder(problems) {
    const names = this.fields.map((field) => field.setting.name);
    const place = ({ field }) => (names.includes(field) ? names.indexOf(field) : names.length);
    return [...problems].sort((one, other) => place(one) - place(other));
  }

  // Go to the field of a problem, and to its line where it has one.
  goTo({ field: name, line, column }) {
    const field = this.fields.find((each) => each.setting.name === name);
    if (!field) return;
    const group = this.groups.find((each) => each.fields.includes(field));
    if (group.details) group.details.open = true;
    if (field === this.program && line) field.widget.editor.goTo(line, column ?? 1);
    else if (field === this.program) field.widget.editor.view.focus();
    else field.focus();
  }
}

class Group {
  constructor({ title, is_rare: isRare, presets, fields }, around, form) {
    this.title = title.toLowerCase();
    this.fields = fields.map((setting) => new Field(setting, around));
    const elements = (isWanted) => this.fields.filter(isWanted).map((field) => field.element);
    const isFirst = (field) => ["program", "table"].includes(field.setting.kind);
    const small = elements((field) => !field.isBlock);
    const button = (name, onclick) => h("button", { type: "button", onclick }, name);
    const buttons = Object.entries(presets).map(([name, values]) => button(name, () => form.apply(values)));
    if (fields.some((setting) => setting.kind === "time")) {
      form.rangeButtons = RANGES.map(([days, name]) => button(name, () => form.apply(form.rangeOf(days))));
      buttons.push(...form.rangeButtons, form.usableNote);
      form.tellUsable();
    }
    const parts = h(
      "div", { className: "parts" },
      elements(isFirst),
      small.length ? h("div", { className: "fields wide" }, small) : null,
      elements((field) => field.isBlock && !isFirst(field)),
      buttons.length ? h("div", { className: "row" }, buttons) : null,
    );
    this.changes = h("span", { className: "soft small" });
    this.details = isRare ? h("details", {}, h("summary", {}, title, " ", this.changes), parts) : null;
    this.element = isRare ? h("fieldset", { "aria-label": title }, this.details) : h("fieldset", {}, h("legend", {}, title), parts);
    this.wasOpen = null;
  }

  matches(words) {
    return words.length > 0 && words.every((word) => this.title.includes(word));
  }

  filter(isWanted, isAsked) {
    let shown = 0;
    let hasProgram = false;
    for (const field of this.fields) {
      const isFree = UNSOUGHT.includes(field.setting.kind);
      const isShown = !isAsked || isFree || isWanted(field, this);
      field.element.hidden = !isShown;
      shown += isShown && !isFree ? 1 : 0;
      hasProgram ||= field.setting.kind === "program";
    }
    this.element.hidden = isAsked && !shown && !hasProgram;
    if (this.details) this.unfold(isAsked);
    return shown;
  }

  // Groups are open while something is looked for, and afterwards as they were before.
  unfold(isAsked) {
    if (isAsked) {
      this.wasOpen ??= this.details.open;
      this.details.open = true;
    } else if (this.wasOpen !== null) {
      this.details.open = this.wasOpen;
      this.wasOpen = null;
    }
  }

  mark(problems) {
    for (const field of this.fields) {
      const found = problems.filter((each) => each.field === field.setting.name && !each.line);
      field.mark(found.map((each) => each.message), found.some((each) => each.severity === "error"));
      if (found.some((each) => each.severity === "error") && this.details) this.details.open = true;
    }
    this.tellChanges();
  }

  // What is not at its default in a group that may be folded.
  tellChanges() {
    this.fields.forEach((field) => field.tellChange());
    const changed = this.fields.filter((field) => !field.isDefault);
    put(this.changes, changed.map((field) => `${field.setting.label}: ${text(field.value)}`).join(" · "));
  }
}
