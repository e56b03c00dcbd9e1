// One condition of a signal as inputs. The server says of which kinds conditions are and which fields each kind has.

import { h, options, put } from "../dom.js";

// The kind that a stored condition is of, null for one that is not known here.
export function kindOf(kinds, condition) {
  const metric = String(condition?.metric ?? "").trim().toLowerCase();
  const named = (kind) => kind.fields.find((field) => field.name === "metric");
  const fixed = kinds.find((kind) => kind.metric && kind.metric === metric);
  const prefixed = kinds.find((kind) => named(kind)?.prefix && metric.startsWith(named(kind).prefix));
  return fixed ?? prefixed ?? kinds.find((kind) => named(kind)?.choices.some((each) => each.value === metric)) ?? null;
}

export function startOf(kind) {
  const values = Object.fromEntries(kind.fields.filter((field) => field.start !== null).map((field) => [field.name, field.start]));
  return kind.metric ? { metric: kind.metric, ...values } : values;
}

// The inputs of a condition. What of it is not known to the form stays in it, and can be seen as JSON.
export class ConditionForm {
  constructor({ kinds, known_keys: known }, condition, onChange) {
    Object.assign(this, { kinds, known: new Set(known), onChange, condition: condition ?? startOf(kinds[0]) });
    this.kindInput = h("select", { name: "kind", onchange: () => this.turn(this.kindInput.value) });
    this.help = h("span", { className: "hint soft small" });
    this.fields = h("div", { className: "fields" });
    this.json = h("textarea", { rows: 3, spellcheck: false, "aria-label": "Condition as JSON", onchange: () => this.read() });
    this.note = h("p", { className: "bad small", role: "alert" });
    this.element = h(
      "div", { className: "parts" },
      h("label", { className: "field" }, h("span", {}, "Kind of condition"), this.kindInput, this.help), this.fields,
      h("details", {}, h("summary", { className: "small" }, "As JSON"), this.json), this.note,
    );
    this.show();
  }

  // The keys that another program keeps in it.
  get foreign() {
    return Object.fromEntries(Object.entries(this.condition).filter(([name]) => !this.known.has(name)));
  }

  turn(name) {
    const kind = this.kinds.find((each) => each.name === name);
    if (!kind) return;
    this.condition = { ...this.foreign, ...startOf(kind) };
    this.changed();
    this.show();
  }

  read() {
    try {
      const found = JSON.parse(this.json.value);
      if (typeof found !== "object" || found === null || Array.isArray(found)) throw new Error("this is no object");
      this.condition = found;
      put(this.note);
      this.changed();
      this.show();
    } catch (error) {
      put(this.note, `This is no condition: ${error.message}`);
    }
  }

  set(name, value) {
    if (value === null || value === undefined) delete this.condition[name];
    else this.condition[name] = value;
    this.changed();
  }

  changed() {
    this.json.value = JSON.stringify(this.condition, null, 1).replace(/\n\s*/g, " ");
    this.onChange();
  }

  show() {
    this.kind = kindOf(this.kinds, this.condition);
    const foreign = this.kind ? [] : [["", "unknown here: see its JSON"]];
    put(this.kindInput, options([...foreign, ...this.kinds.map((kind) => [kind.name, kind.label])]));
    this.kindInput.value = this.kind?.name ?? "";
    put(this.help, this.kind?.help ?? "");
    put(this.fields, (this.kind?.fields ?? []).map((field) => this.input(field)));
    this.json.value = JSON.stringify(this.condition, null, 1).replace(/\n\s*/g, " ");
  }

  input(field) {
    const value = this.condition[field.name] ?? (field.is_optional ? null : field.start);
    const { element, help } = INPUTS[field.kind](field, value, (found) => this.set(field.name, found));
    const hint = h("span", { className: "hint" }, help ?? field.help);
    const title = field.unit ? `${field.label}, ${field.unit}` : field.label;
    if (field.kind === "several") return h("fieldset", { className: "field long", style: "border:none;padding:0;margin:0" }, h("legend", {}, title), element, hint);
    if (field.kind === "choice" && field.name === "metric") element.addEventListener("change", () => this.show());
    return h("label", { className: "field" }, h("span", {}, title), element, hint);
  }

  // The threshold that a distribution helps to choose.
  get threshold() {
    return this.kind?.threshold ? this.condition[this.kind.threshold] : null;
  }

  set threshold(value) {
    this.set(this.kind.threshold, value);
    this.show();
  }

  // The unit of what is compared.
  get unit() {
    const metric = this.kind?.fields.find((field) => field.name === "metric");
    return metric?.choices.find((each) => each.value === this.condition.metric)?.unit ?? "";
  }
}

const INPUTS = {
  choice(field, value, onChange) {
    const none = field.is_optional ? [["", "none"]] : [];
    const known = field.choices.map((each) => [each.value, each.label]);
    const there = value === null || field.choices.some((each) => each.value === value) ? [] : [[value, value]];
    const chosen = () => field.choices.find((each) => each.value === element.value);
    const hint = h("span", {});
    const tell = () => put(hint, chosen()?.meaning || field.help);
    const element = h("select", { name: field.name, onchange: () => { onChange(element.value || null); tell(); } }, options([...none, ...known, ...there]));
    element.value = value ?? "";
    tell();
    return { element, help: hint };
  },
  number(field, value, onChange) {
    const read = () => onChange(element.value === "" ? null : Number(element.value));
    const element = h("input", { type: "number", step: "any", name: field.name, min: field.at_least, oninput: read });
    element.value = value;
    return { element };
  },
  text(field, value, onChange) {
    const element = h("input", { name: field.name, maxLength: 100, oninput: () => onChange(field.prefix + element.value.trim()) });
    element.value = String(value).slice(field.prefix.length);
    return { element };
  },
  several(field, value, onChange) {
    const chosen = new Set(Array.isArray(value) ? value : []);
    const toggle = (name, isOn) => {
      if (isOn) chosen.add(name);
      else chosen.delete(name);
      onChange(field.choices.map((each) => each.value).filter((each) => chosen.has(each)));
    };
    const box = (each) => h("label", { className: "check" }, h("input", { type: "checkbox", name: each.value, checked: chosen.has(each.value), onchange: (event) => toggle(each.value, event.target.checked) }), h("span", {}, each.label, h("span", { className: "hint soft small" }, ` ${each.meaning}`)));
    return { element: h("div", {}, field.choices.map(box)) };
  },
};
