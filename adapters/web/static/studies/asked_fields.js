// The fields of a study that is asked for, as inputs: the server says which a kind has, and of which shape each is.

import { h, options, put } from "../dom.js";
import { words } from "../vocabulary.js";
import { figureLabel } from "./study_words.js";

const SHAPES = { text: line, whole, share, flag, choice, texts, table };
const ENDS = { faults: /\n|,(?![^,:\n]*=)/ }; // a comma ends a fault, too, but not where a KEY=VALUE of it follows
const NOT_VARIED = ["program", "object", "faults"];
let numbers = 0;

// `around` has what is known of the program's parameters (`known`), the figures to judge by, and `onChange`.
export class AskedField {
  constructor(field, around) {
    this.field = field;
    this.note = h("span", { className: "field-problem" });
    this.widget = (field.name === "metrics" ? objective : SHAPES[field.shape])(field, around);
    const about = h("span", { className: "hint" }, field.help);
    const title = field.is_required ? `${field.label} *` : field.label;
    const isGroup = field.shape === "table" || field.name === "metrics";
    this.element = isGroup
      ? h("div", { className: "field long", role: "group", "aria-label": field.label }, h("span", {}, title), this.widget.element, about, this.note)
      : field.shape === "flag"
        ? h("label", { className: "check field" }, this.widget.element, h("span", {}, title, about, this.note))
        : h("label", { className: "field" }, h("span", {}, title), this.widget.element, about, this.note);
  }

  get value() {
    return this.widget.read();
  }

  mark(messages) {
    this.note.textContent = messages.join("; ");
    for (const input of this.element.querySelectorAll("input, select, textarea")) input.setAttribute("aria-invalid", String(messages.length > 0));
  }
}

const shownText = (value) => (value === null ? "" : String(value));

function line(field) {
  const input = h("input", { name: field.name, value: shownText(field.default), maxLength: 2000 });
  return { element: input, read: () => input.value.trim() || undefined };
}

function whole(field, { given }) {
  const input = h("input", { type: "number", name: field.name, step: 1, min: field.at_least, max: field.at_most, value: shownText(given[field.name] ?? field.default) });
  return { element: input, read: () => (input.value === "" ? undefined : Number(input.value)) };
}

function share(field) {
  const input = h("input", { type: "number", name: field.name, step: "any", min: 0, max: 1, value: shownText(field.default) });
  return { element: input, read: () => (input.value === "" ? undefined : Number(input.value)) };
}

function flag(field) {
  const input = h("input", { type: "checkbox", name: field.name, checked: field.default === true });
  return { element: input, read: () => input.checked };
}

function choice(field) {
  const input = h("select", { name: field.name }, options([["", "as usual"], ...field.choices.map((each) => [each, each])]));
  return { element: input, read: () => input.value || undefined };
}

function texts(field) {
  const input = h("textarea", { name: field.name, rows: 2, spellcheck: false, placeholder: "one a line" });
  const lines = () => input.value.split(ENDS[field.name] ?? "\n").map((each) => each.trim()).filter(Boolean);
  return { element: input, read: () => (lines().length ? lines() : undefined) };
}

// What is best: a figure, and a second one where one wants it, each as it is or the other way round.
function objective(field, { figures, kind }) {
  const WAYS = [["", "as usual"], ["max:", "the most"], ["min:", "the least"]];
  const row = (title, first) => {
    const figure = h("select", { "aria-label": `${title}: figure` }, options([...first, ...figures.map((name) => [name, figureLabel(name)])]));
    const way = h("select", { "aria-label": `${title}: which is best` }, options(WAYS));
    return { element: h("div", { className: "pair" }, figure, way), figure, read: () => (figure.value ? `${way.value}${figure.value}` : null) };
  };
  const one = row("Objective", []);
  const two = kind === "walk-forward" ? null : row("Second objective", [["", "no second one"]]); // one says what is tested
  one.figure.name = field.name;
  [one.figure.value] = field.default;
  return { element: h("div", { className: "parts" }, one.element, two?.element), read: () => [one.read(), two?.read()].filter(Boolean) };
}

// Names and what each takes, a row for each.
function table(field, { known, kind, onChange, given }) {
  const isField = field.name === "vary";
  const list = `known-${(numbers += 1)}`;
  const rows = h("div", { className: "parts" });
  const names = isField ? settingsToVary() : known.map((name) => [name, name]);

  function add(name = "", values = "") {
    const input = isField
      ? h("select", { "aria-label": "Field" }, options([["", "choose a field"], ...names]))
      : h("input", { "aria-label": "Parameter", placeholder: "name", maxLength: 100 });
    if (!isField) input.setAttribute("list", list);
    input.value = name;
    const takes = h("input", { "aria-label": "Values", placeholder: "20:40:5 or 1, 2, 5", value: values, maxLength: 2000 });
    const remove = h("button", { type: "button", "aria-label": "Remove", onclick: () => (row.remove(), onChange()) }, "×");
    const row = h("div", { className: "varied" }, input, takes, remove);
    row.read = () => [input.value.trim(), takes.value.trim()];
    rows.append(row);
  }

  for (const [name, values] of Object.entries(given[field.name] ?? {})) add(name, values);
  if (!rows.children.length && !isField && kind !== "card") add(known[0] ?? "");
  const more = h("button", { type: "button", onclick: () => add() }, isField ? "Add a field" : "Add a parameter");
  const suggestions = h("datalist", { id: list }, known.map((name) => h("option", { value: name })));
  const read = () => {
    const found = [...rows.children].map((row) => row.read()).filter(([name, values]) => name || values);
    return found.length ? Object.fromEntries(found) : undefined;
  };
  return { element: put(h("div", { className: "parts" }), rows, more, isField ? null : suggestions), read };
}

function settingsToVary() {
  return words.fields.flatMap((group) => group.fields).filter((each) => !NOT_VARIED.includes(each.kind)).map((each) => [each.name, each.label]);
}
