// The editor of one signal pool: its name, market and signals, each with a condition.

import { get, post, put as store } from "../api.js";
import { h, options, put, select } from "../dom.js";
import { ConditionForm } from "./conditions.js";
import { showThresholds } from "./thresholds.js";

// `given` is a pool as it is stored, or a new one without an id. `around` knows the words of conditions, the stored
// signals and exchanges, where a distribution is taken over, and what to do when the pool is changed, saved or left.
export class PoolEditor {
  constructor(given, around) {
    Object.assign(this, { given, around, rows: [] });
    this.name = h("input", { name: "pool-name", maxLength: 100, required: true, value: given.name });
    this.logic = select({ name: "pool-logic" }, Object.entries(around.forms.logics).map(([value, meaning]) => [value, `${value}: ${meaning}`]));
    this.logic.value = given.logic;
    this.market = h("input", { name: "pool-exchange", maxLength: 20, required: true, value: given.exchange, list: "exchange-names" });
    this.watched = h("input", { name: "pool-symbols", placeholder: "all", value: given.symbols.join(", ") });
    this.enabled = h("input", { type: "checkbox", name: "pool-enabled", checked: given.enabled });
    this.list = h("div", { className: "parts" });
    this.note = h("div", { className: "bad", role: "alert" });
    this.element = this.built();
    for (const each of given.drafts) this.add(each);
  }

  built() {
    const title = this.given.id ? `Change pool ${this.given.id}` : "New pool";
    const field = (label, input, hint) => h("label", { className: "field" }, h("span", {}, label), input, hint && h("span", { className: "hint" }, hint));
    const free = this.around.signals.filter((each) => !this.given.drafts.some((draft) => draft.id === each.id));
    const stored = select({ "aria-label": "Add a stored signal", style: "width:auto;max-width:100%", onchange: () => this.addStored(stored) }, [["", "Add a stored signal …"], ...free.map((each) => [each.id, `${each.id}: ${each.name}`])]);
    return h(
      "form", { className: "card", "aria-label": title, oninput: () => this.around.onChange(), onchange: () => this.around.onChange(), onsubmit: (event) => { event.preventDefault(); this.save(); } },
      h("datalist", { id: "exchange-names" }, options(this.around.exchanges.map((each) => [each, each]))),
      h("h2", {}, title),
      h(
        "div", { className: "fields wide" },
        field("Name", this.name), field("Logic", this.logic), field("Exchange", this.market, "whose data it is judged on"),
        field("Symbols", this.watched, "several with commas; none: all"),
        h("label", { className: "check field" }, this.enabled, h("span", {}, "Enabled", h("span", { className: "hint" }, "a disabled pool is left out of runs"))),
      ),
      this.list,
      h(
        "div", { className: "row", style: "margin-top:12px" },
        h("button", { type: "button", onclick: () => (this.add({ name: "", description: "", enabled: true, condition: null }), this.around.onChange()) }, "Add a signal"), free.length > 0 && stored,
      ),
      this.note,
      h(
        "div", { className: "row", style: "margin-top:12px" },
        h("button", { className: "primary", id: "save-pool" }, "Save"),
        h("button", { type: "button", id: "preview-draft", onclick: () => this.around.preview(this.draft()) }, "Show when it fires"),
        h("button", { type: "button", onclick: () => this.around.close() }, "Close without saving"),
      ),
    );
  }

  addStored(choice) {
    const found = this.around.signals.find((each) => each.id === Number(choice.value));
    if (found) this.add(found);
    choice.value = "";
  }

  add(signal) {
    const row = new SignalRow(signal, this.around, () => {
      this.rows.splice(this.rows.indexOf(row), 1);
      row.element.remove();
      this.around.onChange();
    });
    this.rows.push(row);
    this.list.append(row.element);
  }

  get symbols() {
    return this.watched.value.split(/[\s,]+/).filter(Boolean);
  }

  // What is tried out: the conditions of the signals that are enabled.
  draft() {
    const conditions = this.rows.filter((row) => row.enabled.checked && row.form).map((row) => row.form.condition);
    return { name: this.name.value, conditions, logic: this.logic.value, exchange: this.market.value, symbols: this.symbols };
  }

  get body() {
    const body = {
      name: this.name.value.trim(), logic: this.logic.value, enabled: this.enabled.checked, exchange: this.market.value.trim(),
      symbols: this.symbols, signals: this.rows.map((row) => row.body),
    };
    return this.given.revision ? { ...body, revision: this.given.revision } : body;
  }

  async save() {
    put(this.note);
    for (const row of this.rows) put(row.note);
    try {
      const saved = this.given.id ? await store(`/api/pools/${this.given.id}`, this.body) : await post("/api/pools", this.body);
      this.around.saved(saved);
    } catch (error) {
      this.tell(error);
    }
  }

  // Problems at their signals, the others below all.
  tell(error) {
    const others = [];
    for (const { field, message } of error.problems ?? []) {
      const place = /^signals\.(\d+)/.exec(field ?? "");
      const row = place && this.rows[Number(place[1])];
      if (row) row.note.append(h("div", {}, message));
      else others.push(field ? `${field}: ${message}` : message);
    }
    put(this.note, others.length || !error.problems?.length ? others.map((each) => h("div", {}, each)) : "", !error.problems?.length && error.message, error.problems?.length > 0 && h("div", {}, "The pool is not saved."));
  }
}

class SignalRow {
  constructor(signal, around, onRemove) {
    Object.assign(this, { signal, around });
    this.name = h("input", { name: "signal-name", maxLength: 100, value: signal.name, placeholder: "its condition" });
    this.about = h("input", { name: "signal-description", maxLength: 2000, value: signal.description });
    this.enabled = h("input", { type: "checkbox", name: "signal-enabled", checked: signal.enabled });
    this.note = h("div", { className: "bad small", role: "alert" });
    this.help = h("div", {});
    const isObject = signal.condition === null || (typeof signal.condition === "object" && !Array.isArray(signal.condition));
    this.form = isObject && !signal.isMissing ? new ConditionForm(around.forms, signal.condition && { ...signal.condition }, () => around.onChange()) : null;
    const shared = (signal.pools ?? []).filter((each) => each !== around.poolId);
    this.element = h(
      "fieldset", { className: "signal" },
      h("legend", {}, h("span", { className: "row end" }, signal.id ? `Signal ${signal.id}` : "New signal", h("button", { type: "button", className: "small", onclick: onRemove }, "Remove"))),
      shared.length > 0 && h("p", { className: "warn small" }, `Also in pool ${shared.join(", ")}: what is changed here changes there, too.`),
      !this.form && h("p", { className: "bad small" }, signal.problem),
      this.form && h(
        "div", { className: "fields wide" },
        h("label", { className: "field" }, h("span", {}, "Name"), this.name, h("span", { className: "hint" }, "what programs see of it")),
        h("label", { className: "field" }, h("span", {}, "Description"), this.about),
        h("label", { className: "check field" }, this.enabled, h("span", {}, "Enabled")),
      ),
      this.form?.element,
      this.form && h("div", { className: "row" }, h("button", { type: "button", className: "thresholds", onclick: () => this.look() }, "How its figure is spread")),
      this.help, this.note,
    );
  }

  look() {
    showThresholds(this.help, this.form, this.around.range());
  }

  // A signal that is missing, or that the form cannot show, stays as it is stored.
  get body() {
    if (!this.form) return { id: this.signal.id };
    const said = { name: this.name.value.trim() || described(this.form.condition), description: this.about.value, enabled: this.enabled.checked, condition: this.form.condition };
    return this.signal.id ? { id: this.signal.id, ...said } : said;
  }
}

const described = ({ metric, operator, threshold, time_window: window }) => [metric, operator, threshold, window].filter((each) => each !== undefined).join(" ").slice(0, 100) || "signal";
