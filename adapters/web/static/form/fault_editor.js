// The faults of a configuration, one box each: its kind, and what that may be given, as the server tells of it. What is
// not touched stays as it was given, also what no kind has.

import { h, options, put } from "../dom.js";
import { text } from "../format.js";
import { words } from "../vocabulary.js";

const FIRST = "outage"; // what a new one is at first
const commas = (value) => value.split(",").map((each) => each.trim()).filter(Boolean);
const instantText = (value) => (Number.isInteger(value) && Math.abs(value) < 8.64e15 ? new Date(value).toISOString() : text(value));
const several = (values) => (values.length > 1 ? values : values[0]);

// By shape: how a value is written in an input, and what a text that was typed there means.
const SHAPES = {
  number: [JSON.stringify, (typed, parsed) => parsed(typed)],
  whole: [JSON.stringify, (typed, parsed) => parsed(typed)],
  choice: [text, (typed) => typed],
  names: [(value) => text(value), (typed) => commas(typed)],
  instants: [(value) => [value].flat().map(instantText).join(", "), (typed) => several(commas(typed))],
  length: [text, (typed, parsed) => (/^-?\d+$/.test(typed) ? parsed(typed) : typed)],
  json: [JSON.stringify, (typed, parsed) => parsed(typed)],
};
// `parsed` reads JSON, or gives back what is none.
export function faultEditor(setting, { onChange }, parsed) {
  const list = h("div", { className: "parts" });
  const boxes = () => [...list.children].map((element) => element.box);
  const foreign = h("textarea", { "aria-label": `${setting.label} as JSON`, rows: 3, spellcheck: false });
  const more = h("button", { type: "button", onclick: () => (add({ kind: FIRST }).kind.focus(), onChange()) }, "Add a fault");
  const element = h(
    "div", { className: "field", role: "group", "aria-label": setting.label },
    h("span", {}, setting.label), h("span", { className: "hint" }, setting.help), list, foreign, h("div", { className: "row" }, more),
  );
  let isList = true;

  function add(given) {
    const box = new FaultBox(given, parsed, () => remove(box), onChange);
    list.append(box.element);
    number();
    return box;
  }

  function remove(box) {
    const next = box.element.nextElementSibling ?? box.element.previousElementSibling;
    box.element.remove();
    number();
    (next?.box.kind ?? more).focus();
    onChange();
  }

  const number = () => boxes().forEach((box, place) => box.tell(place + 1));

  function show(value) {
    isList = Array.isArray(value);
    foreign.hidden = isList;
    more.hidden = !isList;
    put(list);
    if (isList) value.forEach(add);
    else foreign.value = JSON.stringify(value);
  }

  const read = () => (isList ? boxes().map((box) => box.value) : parsed(foreign.value));
  return { element, show, read, isBlock: true };
}

class FaultBox {
  constructor(given, parsed, onRemove, onChange) {
    const isFault = given !== null && typeof given === "object" && !Array.isArray(given);
    Object.assign(this, { parsed, values: isFault ? { ...given } : { "": given }, inputs: [] });
    const names = words.fault_kinds.map(({ name }) => name);
    const kind = isFault && typeof given.kind === "string" ? given.kind : "";
    this.kind = h("select", { "aria-label": "Kind", style: "width:auto", onchange: () => (this.keep(), this.draw(), onChange()) }, options([...names, ...(names.includes(kind) ? [] : [kind])].map((name) => [name, name || "no kind"])));
    this.kind.value = kind;
    this.givenKind = kind;
    this.head = h("b", {});
    this.about = h("span", { className: "soft small" });
    this.fields = h("div", { className: "fields wide" });
    this.rare = h("div", { className: "fields wide" });
    this.more = h("details", {}, h("summary", {}, "Again and again, chance, strength"), this.rare);
    this.drop = h("button", { type: "button", onclick: onRemove }, "Remove");
    this.element = h("div", { className: "fault", role: "group" }, h("div", { className: "row end" }, h("div", { className: "row" }, this.head, this.kind, this.about), this.drop), this.fields, this.more);
    this.element.box = this;
    this.draw();
  }

  tell(place) {
    this.head.textContent = `${place}.`;
    this.element.setAttribute("aria-label", `Fault ${place}`);
    this.drop.setAttribute("aria-label", `Remove fault ${place}`);
  }

  // What its kind may be given, and what else it was given while it is of that kind.
  draw() {
    const known = words.fault_kinds.find(({ name }) => name === this.kind.value);
    const fields = known?.fields ?? [];
    this.unknown ??= Object.keys(this.values).filter((name) => name !== "kind" && !fields.some((field) => field.name === name));
    const others = this.kind.value === this.givenKind ? this.unknown : [];
    this.inputs = [...fields, ...others.map((name) => ({ name, label: name || "value", shape: "json", help: "Empty it to leave it out", choices: [], without: "" }))].map((field) => this.input(field));
    this.about.textContent = known?.about ?? "";
    const rare = this.inputs.filter(({ field }) => field.is_rare);
    put(this.fields, this.inputs.filter(({ field }) => !field.is_rare).map(({ element }) => element));
    put(this.rare, rare.map(({ element }) => element));
    this.more.hidden = !rare.length;
    this.more.open ||= rare.some(({ field }) => field.name in this.values);
  }

  input(field) {
    const [shown, meant] = SHAPES[field.shape];
    const isGiven = field.name in this.values;
    const given = this.values[field.name];
    const before = isGiven && given !== null ? shown(given) : "";
    const control = field.shape === "choice"
      ? h("select", { name: `fault ${field.name}` }, options([["", `as usual: ${field.without}`], ...[...new Set([...field.choices, before])].filter(Boolean).map((each) => [each, each])]))
      : h("input", { name: `fault ${field.name}`, placeholder: field.without, spellcheck: false, maxLength: 4000 });
    control.value = before;
    const unit = field.unit ? `, ${field.unit}` : "";
    const element = h("label", { className: "field" }, h("span", {}, `${field.label}${unit}`), control, h("span", { className: "hint" }, field.help));
    const read = () => (control.value === before ? given : control.value.trim() ? meant(control.value.trim(), this.parsed) : undefined);
    return { field, element, read };
  }

  keep() {
    for (const { field, read } of this.inputs) this.take(this.values, field.name, read());
  }

  take(values, name, value) {
    if (value === undefined) delete values[name];
    else values[name] = value;
  }

  get value() {
    const read = new Map(this.inputs.map((input) => [input.field.name, input.read()]));
    if (read.has("")) return read.get("");
    const found = {};
    for (const name of new Set([...Object.keys(this.values), "kind", ...read.keys()])) this.take(found, name, name === "kind" ? this.kindValue : read.get(name));
    return found;
  }

  // A kind that is no text stays what it was.
  get kindValue() {
    return this.kind.value || this.values.kind;
  }
}
