// What the list of results is narrowed down by.

import { h, put, select, settled } from "../dom.js";
import { words } from "../vocabulary.js";

const WAIT_MS = 250;
let lists = 0;

// `onChange` is called when `view` has changed.
export function filters(view, choices, onChange) {
  const later = settled(onChange, WAIT_MS);
  const field = (name, label, attributes = {}, found = []) => {
    const id = `choices-${(lists += 1)}`;
    const input = h("input", { value: view[name], list: found.length ? id : null, "aria-label": label, oninput: () => ((view[name] = input.value), later()), ...attributes });
    return h("label", {}, h("span", {}, label), input, found.length ? h("datalist", { id }, found.map(({ value }) => h("option", { value }))) : null);
  };
  const states = h("div", { className: "row", role: "group", "aria-label": "Status" }, Object.entries(words.states).map(([state, label]) => toggle(view.state, state, label, onChange)));
  const tags = h("div", { className: "row", role: "group", "aria-label": "Tags" }, choices.tags.map(({ value, count }) => toggle(view.tag, value, `${value} (${count.toLocaleString("en")})`, onChange)));
  const starred = select({ "aria-label": "Star", onchange: () => ((view.starred = starred.value), onChange()) }, [["", "any"], ["true", "with a star"], ["false", "without"]]);
  starred.value = view.starred;
  return h(
    "div",
    { className: "desk-filters" },
    states,
    choices.tags.length ? tags : null,
    h("div", { className: "fields" }, field("symbol", "Symbol", { maxLength: 20 }, choices.symbols), field("exchange", "Exchange", { maxLength: 20 }, choices.exchanges), field("program", "Program", { maxLength: 100 }, choices.programs), field("since", "Started from, UTC", { type: "date" }), field("until", "Started until, UTC", { type: "date" }), h("label", {}, h("span", {}, "Star"), starred)),
    conditions(view, choices, onChange),
  );
}

function toggle(values, value, label, onChange) {
  const button = h("button", { type: "button", className: "small", "aria-pressed": String(values.includes(value)), onclick: press }, label);
  function press() {
    const place = values.indexOf(value);
    if (place < 0) values.push(value);
    else values.splice(place, 1);
    button.setAttribute("aria-pressed", String(place < 0));
    onChange();
  }
  return button;
}

// Conditions on numbers: each stands by itself and can be taken away.
function conditions(view, choices, onChange) {
  const numbers = [...choices.columns.filter((column) => column.is_compared).map((column) => [column.key, column.label]), ...choices.further_columns.map(({ value }) => [value, value])];
  const name = select({ "aria-label": "What is compared" }, numbers);
  const operator = select({ "aria-label": "How", style: "width:auto" }, [">", ">=", "<", "<=", "="].map((each) => [each, each]));
  const number = h("input", { type: "number", step: "any", required: true, "aria-label": "Number", style: "width:110px" });
  const list = h("span", { className: "row" });
  const draw = () => put(list, view.where.map((each, place) => h("button", { type: "button", className: "chip", "aria-label": `Without ${each}`, onclick: () => (view.where.splice(place, 1), draw(), onChange()) }, `${each} ✕`)));
  const add = (event) => {
    event.preventDefault();
    view.where.push(`${name.value} ${operator.value} ${number.value}`);
    number.value = "";
    draw();
    onChange();
  };
  draw();
  return h("form", { className: "row", onsubmit: add, "aria-label": "Conditions" }, h("span", { className: "soft small" }, "Only where"), name, operator, number, h("button", {}, "Add"), list);
}
