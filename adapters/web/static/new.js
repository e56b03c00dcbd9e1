// New back-test: program, configuration, check, run.

import { get, post } from "./api.js";
import { copy, h, put, toast } from "./dom.js";
import { Editor } from "./editor.js";
import { CHOICES, INTERVALS, MONEY, NUMBERS } from "./fields.js";
import { count, time } from "./format.js";
import { PRESETS, TEMPLATE } from "./template.js";

const DRAFT = "draft";
const DAY = 86400000;

export async function showNew(page, from) {
  const [{ series }, { pools }, earlier] = await Promise.all([
    get("/api/symbols"),
    get("/api/pools"),
    from ? get(`/api/backtests/${from}`) : null,
  ]);
  const draft = earlier ? earlier.config : JSON.parse(localStorage.getItem(DRAFT) || "{}");
  let timer;
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(check, 400);
  };
  const form = new Form(series, pools, draft, () => changed());
  const list = h("ul", { className: "problems", "aria-live": "polite" });
  const holder = h("div", { className: "editor" });
  const run = h("button", { type: "button", className: "primary", id: "run", onclick: start }, "Run back-test");
  const toml = h("button", { type: "button", id: "toml", onclick: copyToml }, "Copy as TOML");
  const template = h("button", { type: "button", onclick: () => (editor.text = TEMPLATE) }, "Template");
  put(
    page,
    h("div", { className: "row end" }, h("h1", {}, "New back-test"), h("div", { className: "row" }, template, toml, run)),
    h(
      "div",
      { className: "two" },
      h("div", { className: "card" }, h("h2", {}, "Program"), holder, list),
      h("form", { className: "card", onsubmit: (event) => event.preventDefault(), "aria-label": "Configuration" }, form.element),
    ),
  );
  const editor = new Editor(holder, draft.code || TEMPLATE, () => changed());
  window.perpsim = { ...window.perpsim, editor, form };

  function values() {
    return { code: editor.text, ...form.values() };
  }

  async function check() {
    if (!holder.isConnected) return null;
    localStorage.setItem(DRAFT, JSON.stringify(values()));
    const verdict = await post("/api/configurations/validate", values()).catch((error) => ({ problems: error.problems, message: error.message }));
    show(verdict.problems);
    return verdict;
  }

  function show(problems) {
    editor.mark(problems);
    form.mark(problems);
    put(
      list,
      problems.map((each) =>
        h(
          "li",
          { className: each.severity === "error" ? "bad" : "soft" },
          each.line ? h("button", { type: "button", onclick: () => editor.goTo(each.line) }, `line ${each.line}`) : h("b", {}, each.field || ""),
          ` ${each.message}`,
        ),
      ),
    );
  }

  async function start() {
    run.disabled = true;
    try {
      const { id } = await post("/api/backtests", values());
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
    else toast("The configuration has problems; see the list");
  }

  check();
}

class Form {
  constructor(series, pools, draft, onChange) {
    this.series = series;
    this.inputs = {};
    this.draft = draft;
    const exchanges = [...new Set(series.map((each) => each.exchange))];
    this.exchange = this.select("exchange", exchanges.length ? exchanges : ["hyperliquid"], draft.exchange);
    this.symbols = h("div", { role: "group", "aria-label": "Symbols" });
    this.pools = pools.map((pool) => [pool.id, h("input", { type: "checkbox", checked: (draft.signal_pool_ids || []).includes(pool.id), disabled: !pool.enabled || pool.problems.length > 0 }), pool]);
    this.start = this.input("start_time", "datetime-local", localTime(draft.start_time));
    this.end = this.input("end_time", "datetime-local", localTime(draft.end_time));
    this.interval = this.select("scheduled_interval", INTERVALS, draft.scheduled_interval ?? "1h", { "": "none" });
    this.params = h("textarea", { rows: 3, placeholder: '{"threshold": 30}', spellcheck: false, value: Object.keys(draft.params || {}).length ? JSON.stringify(draft.params) : "" });
    this.inputs.params = this.params;
    this.element = h("div", { onchange: onChange, oninput: onChange }, this.parts());
    this.exchange.addEventListener("change", () => this.showSymbols([]));
    this.showSymbols(draft.symbols || []);
  }

  parts() {
    const labelled = (text, input, hint) => h("label", { title: hint || "" }, h("span", {}, text), input, h("span", { className: "field-problem" }));
    const field = ([name, text, fallback, hint]) => labelled(text, this.input(name, "number", this.draft[name] ?? fallback), hint);
    const choice = ([name, text, options, hint]) => labelled(text, this.select(name, options, this.draft[name]), hint);
    const preset = ([name, values]) => h("button", { type: "button", onclick: () => this.apply(values) }, name);
    const range = (days, text) => h("button", { type: "button", onclick: () => this.setRange(days) }, text);
    return [
      h("fieldset", {}, h("legend", {}, "Market"), labelled("Exchange", this.exchange), this.symbols),
      h(
        "fieldset", {}, h("legend", {}, "Range, UTC"),
        h("div", { className: "fields wide" }, labelled("Start", this.start), labelled("End", this.end)),
        h("div", { className: "row", style: "margin-top:8px" }, range(7, "Last 7 days"), range(30, "30 days"), range(90, "90 days"), range(0, "Everything")),
      ),
      h(
        "fieldset", {}, h("legend", {}, "Triggers"),
        h("div", { className: "fields" }, labelled("Every", this.interval, "A scheduled trigger at each multiple from the start")),
        this.pools.map(([, box, pool]) => h("label", { className: "check", title: pool.problems.join("; ") || pool.signals.join(` ${pool.logic} `) }, box, h("span", {}, pool.name, h("span", { className: "soft small" }, ` pool ${pool.id}${pool.enabled ? "" : ", disabled"}`)))),
      ),
      h(
        "fieldset", {}, h("legend", {}, "Account and costs"),
        h("div", { className: "fields" }, MONEY.map(field)),
        h("div", { className: "row", style: "margin-top:8px" }, h("span", { className: "soft small" }, "Presets"), Object.entries(PRESETS).map(preset)),
      ),
      h("fieldset", {}, h("legend", {}, "Parameters"), h("label", { className: "fields", style: "display:block" }, h("span", { className: "soft small" }, "JSON object for init(self, params)"), this.params, h("span", { className: "field-problem" }))),
      h("fieldset", {}, h("legend", { className: "soft", style: "display:none" }, "Execution"), h("details", {}, h("summary", {}, "Execution"), h("div", { className: "fields" }, CHOICES.map(choice), NUMBERS.map(field)))),
    ];
  }

  input(name, type, value) {
    return (this.inputs[name] = h("input", { type, name, value: value ?? "", step: type === "number" ? "any" : null }));
  }

  select(name, options, value, titles = {}) {
    const all = value && !options.includes(value) ? [value, ...options] : options;
    return (this.inputs[name] = h("select", { name }, all.map((option) => h("option", { value: option, selected: option === value }, titles[option] ?? option))));
  }

  showSymbols(chosen) {
    const here = this.series.filter((each) => each.exchange === this.exchange.value);
    const names = [...new Set(here.map((each) => each.symbol))];
    const wanted = chosen.length ? chosen : names.slice(0, 1);
    this.boxes = names.map((name) => [name, h("input", { type: "checkbox", value: name, name: "symbol", checked: wanted.includes(name) })]);
    put(
      this.symbols,
      this.boxes.map(([name, box]) => {
        const parts = here.filter((each) => each.symbol === name);
        const what = parts.map((each) => `${each.period} ${time(each.first_ms).slice(0, 10)} to ${time(each.last_ms).slice(0, 10)} (${count(each.count)})`);
        return h("label", { className: "check" }, box, h("span", {}, name, " ", h("span", { className: "soft small" }, what.join("; "))));
      }),
      names.length ? null : h("p", { className: "soft" }, "The database holds no klines yet: perpsim import or perpsim synth adds some."),
      h("span", { className: "field-problem" }),
    );
    if (!this.start.value) this.setRange(30);
  }

  setRange(days) {
    const chosen = this.boxes.filter(([, box]) => box.checked).map(([name]) => name);
    const parts = this.series.filter((each) => each.exchange === this.exchange.value && chosen.includes(each.symbol));
    if (!parts.length) return;
    const first = Math.max(...parts.map((each) => each.first_ms));
    const last = Math.min(...parts.map((each) => each.last_ms));
    this.start.value = localTime(days ? Math.max(first, last - days * DAY) : first);
    this.end.value = localTime(last);
    this.element?.dispatchEvent(new Event("change"));
  }

  apply(values) {
    for (const [name, value] of Object.entries(values)) this.inputs[name].value = value;
    this.element.dispatchEvent(new Event("change"));
  }

  values() {
    const found = { exchange: this.exchange.value, symbols: this.boxes.filter(([, box]) => box.checked).map(([name]) => name) };
    found.start_time = isoTime(this.start.value);
    found.end_time = isoTime(this.end.value);
    found.scheduled_interval = /^\d+$/.test(this.interval.value) ? Number(this.interval.value) : this.interval.value || null;
    found.signal_pool_ids = this.pools.filter(([, box]) => box.checked).map(([id]) => id);
    for (const [name] of [...MONEY, ...NUMBERS]) {
      const text = this.inputs[name].value;
      if (text !== "") found[name] = Number(text);
    }
    for (const [name] of CHOICES) found[name] = this.inputs[name].value;
    found.params = paramsOf(this.params.value);
    return found;
  }

  mark(problems) {
    for (const note of this.element.querySelectorAll(".field-problem")) note.textContent = "";
    for (const [name, input] of Object.entries({ ...this.inputs, symbols: this.symbols })) {
      const found = problems.filter((each) => each.field === name);
      input.setAttribute("aria-invalid", found.length > 0);
      const note = input.parentElement.querySelector(".field-problem");
      if (note && found.length) note.textContent = found.map((each) => each.message).join("; ");
    }
  }
}

function paramsOf(text) {
  if (!text.trim()) return {};
  try {
    return JSON.parse(text);
  } catch {
    return text; // the server says what is wrong with it
  }
}

const localTime = (value) => (value === undefined || value === null || value === "" ? "" : new Date(value).toISOString().slice(0, 16));
const isoTime = (value) => (value ? `${value}Z` : "");
