// New back-test: program, configuration, check, run.

import { get, post } from "../api.js";
import { copy, h, put, settled, toast } from "../dom.js";
import { Field, asWritten } from "../fields.js";
import { text } from "../format.js";
import { TEMPLATE } from "../template.js";
import { words } from "../vocabulary.js";

const DRAFT = "draft";
const DAY = 86400000;
const RANGES = [[7, "Last 7 days"], [30, "30 days"], [90, "90 days"], [0, "Everything"]];
const OTHER = { is_rare: false, title: "Not known to this server", presets: {} };
const UNKNOWN = { help: "Empty it to leave it out", choices: [] };

export async function showNew(page, from) {
  const [{ series }, { pools }, earlier] = await Promise.all([
    get("/api/symbols"),
    get("/api/pools"),
    from ? get(`/api/backtests/${from}`, {}, asWritten) : null,
  ]);
  const given = earlier ? earlier.config : JSON.parse(localStorage.getItem(DRAFT) || "{}", asWritten);
  const changed = settled(check, 400);
  const form = new Form(series, pools, given, changed);
  const [program] = form.ofKind("program");
  const { editor } = program.widget;
  const list = h("ul", { className: "problems", "aria-live": "polite" });
  const run = h("button", { type: "button", className: "primary", id: "run", onclick: start }, "Run back-test");
  const toml = h("button", { type: "button", id: "toml", onclick: copyToml }, "Copy as TOML");
  const template = h("button", { type: "button", onclick: () => (editor.text = TEMPLATE) }, "Template");
  const quiet = h("input", { type: "checkbox", id: "all-triggers", style: "width:auto" });
  const keep = h("label", { className: "soft small", title: "Store a row for triggers of which nothing came, too: about 0.5 kB each" }, quiet, " keep quiet triggers");
  const [first, ...others] = form.groups;
  program.element.append(list);
  put(
    page,
    h("div", { className: "row end" }, h("h1", {}, "New back-test"), h("div", { className: "row" }, keep, template, toml, run)),
    h(
      "form",
      { className: "two", onsubmit: (event) => event.preventDefault(), oninput: changed, onchange: changed, "aria-label": "Configuration" },
      h("div", { className: "card" }, first.element),
      h("div", { className: "card" }, others.map((each) => each.element)),
    ),
  );
  window.perpsim = { ...window.perpsim, editor, form };

  let checks = 0;

  async function check() {
    if (!program.element.isConnected) return null;
    const number = (checks += 1);
    const values = form.values();
    localStorage.setItem(DRAFT, JSON.stringify(values));
    const verdict = await post("/api/configurations/validate", values).catch((error) => ({ problems: error.problems, message: error.message }));
    if (number === checks) show(verdict.problems); // the answer to what was there before may come later
    return verdict;
  }

  function show(problems) {
    editor.mark(problems);
    form.mark(problems);
    const place = ({ line, field }) => (line ? h("button", { type: "button", onclick: () => editor.goTo(line) }, `line ${line}`) : h("b", {}, field || ""));
    put(list, problems.map((each) => h("li", { className: each.severity === "error" ? "bad" : "soft" }, place(each), ` ${each.message}`)));
  }

  async function start() {
    run.disabled = true;
    try {
      const { id } = await post(`/api/backtests${quiet.checked ? "?all_triggers=true" : ""}`, form.values());
      location.hash = `#/results/${id}`;
    } catch (error) {
      show(error.problems || []);
      toast(error.message);
    } finally {
      run.disabled = false;
    }
  }

  async function copyToml() {
    const verdict = await check();
    if (verdict?.toml) await copy(verdict.toml);
    else toast("This cannot be written as TOML; see the list of problems");
  }

  check();
}

// All fields, in the groups that the server tells of, filled with the values of a configuration.
class Form {
  constructor(series, pools, given, onChange) {
    Object.assign(this, { series, onChange });
    const around = { series, pools, onChange, stored: () => this.stored() };
    const known = words.fields.flatMap((group) => group.fields.map((setting) => setting.name));
    const foreign = Object.keys(given).filter((name) => !known.includes(name));
    const groups = foreign.length ? [...words.fields, { ...OTHER, fields: foreign.map((name) => ({ ...UNKNOWN, name, label: name })) }] : words.fields;
    this.groups = groups.map((group) => new Group(group, around, this));
    this.fields = this.groups.flatMap((group) => group.fields);
    [this.exchange] = this.ofKind("exchange name");
    [this.symbols] = this.ofKind("symbol list");
    this.range = this.ofKind("time");
    this.fill(given);
    this.exchange.input.addEventListener("change", () => this.keepStored());
    for (const field of this.fields.filter((each) => each.setting.sets)) {
      field.input.addEventListener("change", () => this.apply(field.setting.sets[field.value || ""]));
    }
  }

  ofKind(kind) {
    return this.fields.filter((field) => field.setting.kind === kind);
  }

  fill(given) {
    const isNew = (field) => !(field.setting.name in given);
    const start = ({ kind, start }) => (kind === "program" ? TEMPLATE : start);
    for (const field of [this.exchange, ...this.fields]) field.show(isNew(field) ? start(field.setting) : given[field.setting.name]);
    if (isNew(this.exchange) && this.series.length && !this.stored().size) this.exchange.show(this.series[0].exchange);
    if (!this.symbols.value.length) this.keepStored();
    if (this.range.some((field) => !field.input.value)) this.setRange(30);
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
  }

  setRange(days) {
    const parts = this.symbols.value.flatMap((symbol) => this.stored().get(symbol) || []);
    if (!parts.length) return;
    const first = Math.max(...parts.map((each) => each.first_ms));
    const last = Math.min(...parts.map((each) => each.last_ms));
    this.range[0].show(days ? Math.max(first, last - days * DAY) : first);
    this.range[1].show(last);
    this.onChange();
  }

  apply(values) {
    for (const field of this.fields) if (field.setting.name in values) field.show(values[field.setting.name]);
    this.onChange();
  }

  values() {
    const shown = this.fields.filter((field) => field.setting.kind !== "object" && field.value !== undefined);
    return Object.fromEntries(shown.map((field) => [field.setting.name, field.value]));
  }

  mark(problems) {
    for (const group of this.groups) group.mark(problems);
  }
}

class Group {
  constructor({ title, is_rare: isRare, presets, fields }, around, form) {
    this.fields = fields.map((setting) => new Field(setting, around));
    const elements = (isWanted) => this.fields.filter(isWanted).map((field) => field.element);
    const isFirst = (field) => ["program", "table"].includes(field.setting.kind);
    const small = elements((field) => !field.isBlock);
    const button = (name, onclick) => h("button", { type: "button", onclick }, name);
    const buttons = Object.entries(presets).map(([name, values]) => button(name, () => form.apply(values)));
    if (fields.some((setting) => setting.kind === "time")) buttons.push(...RANGES.map(([days, name]) => button(name, () => form.setRange(days))));
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
  }

  mark(problems) {
    for (const field of this.fields) {
      const found = problems.filter((each) => each.field === field.setting.name && !each.line);
      field.mark(found.map((each) => each.message));
      if (found.length && this.details) this.details.open = true;
    }
    this.tellChanges();
  }

  // What is not at its default in a group that may be folded.
  tellChanges() {
    const changed = this.fields.filter((field) => !field.isDefault);
    put(this.changes, changed.map((field) => `${field.setting.label}: ${text(field.value)}`).join(" · "));
  }
}
