// The table of the list of results. What is drawn anew is only what has changed: what is chosen, focused, scrolled to or
// being edited stays so.

import { h, scrolled } from "../dom.js";
import { NUMBERS, count, duration, number, tone, written } from "../format.js";
import { words } from "../vocabulary.js";
import { nameOf, noteOf, starOf, tagsOf } from "./notes.js";

// `on` has what is done at a press: open, choose (ids, and whether they are), sort, noted.
export class DeskTable {
  constructor(on) {
    this.on = on;
    this.rows = new Map();
    this.head = h("tr");
    this.body = h("tbody");
    this.element = scrolled("Table of back-tests", h("table", { className: "desk", "aria-label": "Back-tests" }, h("thead", {}, this.head), this.body));
  }

  show(items, columns, view) {
    const look = JSON.stringify([columns.map((column) => column.key), view.sort, view.descending]);
    if (look !== this.look) {
      this.look = look;
      const focused = document.activeElement?.dataset?.sort;
      this.head.replaceChildren(this.pageBox(view), h("th", { scope: "col" }, h("span", { className: "unseen" }, "Star")), ...columns.map((column) => this.title(column, view)));
      if (focused && this.head.isConnected) [...this.head.querySelectorAll("[data-sort]")].find((each) => each.dataset.sort === focused)?.focus();
      this.rows.clear();
    }
    this.items = items;
    const rows = items.map((item) => this.row(item, columns, view));
    for (const id of this.rows.keys()) if (!items.some((item) => item.id === id)) this.rows.delete(id);
    this.arrange(rows.length ? rows : [h("tr", {}, h("td", { colSpan: columns.length + 2 }, "None"))]);
    this.pageChoice.checked = items.length > 0 && items.every((item) => view.chosen.has(item.id));
  }

  // Rows that stand in their order already are not touched: moving one would take the focus from it.
  arrange(rows) {
    const focused = this.body.contains(document.activeElement) ? document.activeElement : null;
    rows.forEach((row, place) => {
      if (this.body.children[place] !== row) this.body.insertBefore(row, this.body.children[place] ?? null);
    });
    while (this.body.children.length > rows.length) this.body.lastChild.remove();
    if (focused && focused.isConnected && document.activeElement !== focused) focused.focus();
  }

  pageBox(view) {
    this.pageChoice = h("input", { type: "checkbox", "aria-label": "Choose all of this page", onchange: () => this.on.choose(this.items.map((item) => item.id), this.pageChoice.checked) });
    return h("th", { scope: "col" }, this.pageChoice);
  }

  title(column, view) {
    const isSorted = column.key === view.sort;
    const arrow = isSorted ? (view.descending ? " ▼" : " ▲") : "";
    return h("th", { scope: "col", className: NUMBERS.has(column.unit) ? "num" : "", "aria-sort": isSorted ? (view.descending ? "descending" : "ascending") : "none" }, h("button", { type: "button", "data-sort": column.key, onclick: () => this.on.sort(column.key) }, column.label + arrow));
  }

  row(item, columns, view) {
    let row = this.rows.get(item.id);
    if (!row) {
      row = h("tr", { className: "link", tabIndex: 0, "data-id": item.id, onclick: () => this.on.open(item.id), onkeydown: (event) => event.key === "Enter" && event.target === row && this.on.open(item.id) });
      this.rows.set(item.id, row);
    }
    const choice = h("input", { type: "checkbox", "data-key": "choose", "aria-label": `Compare ${item.id}`, onclick: (event) => event.stopPropagation(), onkeydown: (event) => event.stopPropagation(), onchange: (event) => this.on.choose([item.id], event.target.checked) });
    const cells = [h("td", {}, choice), h("td", {}, starOf(item, this.on.noted)), ...columns.map((column) => this.cell(item, column))];
    cells.forEach((cell, place) => this.renew(row, cell, place));
    row.querySelector("[data-key=choose]").checked = view.chosen.has(item.id);
    row.classList.toggle("chosen", view.chosen.has(item.id));
    return row;
  }

  renew(row, cell, place) {
    const old = row.children[place];
    if (!old) row.append(cell);
    else if (!old.querySelector("[data-editing], details[open]") && old.outerHTML !== cell.outerHTML) {
      const key = old.contains(document.activeElement) ? document.activeElement.dataset.key : null;
      old.replaceWith(cell);
      if (key) cell.querySelector(`[data-key="${key}"]`)?.focus();
    }
  }

  cell(item, column) {
    const shown = this.drawn(item, column);
    const whole = column.wraps && typeof shown === "string" ? shown : null;
    return h("td", { className: [NUMBERS.has(column.unit) ? "num" : "", column.wraps ? "cut" : ""].filter(Boolean).join(" "), title: whole }, shown, remark(item, column));
  }

  drawn(item, column) {
    if (column.key === "id") return h("a", { href: `#/results/${item.id}`, onclick: (event) => event.stopPropagation() }, item.id);
    if (column.key === "state") return stateOf(item);
    if (column.key === "label") return nameOf(item, this.on.noted);
    if (column.key === "tags") return tagsOf(item, this.on.noted);
    if (column.key === "note") return noteOf(item, this.on.noted);
    const value = column.of ? item.parameters[column.of] : item[column.key];
    if (value === null || value === undefined) return "";
    if (column.of) return typeof value === "number" ? number(value, Number.isInteger(value) ? 0 : 4) : written({}, value);
    return column.signed ? h("span", { className: tone(value) }, written(column, value)) : written(column, value);
  }
}

// A small sign with a text, where something is to be known of a figure.
function remark(item, column) {
  const said = item.remarks?.[column.key];
  return said ? h("span", { className: "soft remark", title: said, role: "img", "aria-label": said }, " ⚠") : null;
}

// What a run is at; while it waits or runs also where, for how long, and how long still.
export function stateOf(item) {
  return [h("span", { className: `badge ${item.state}`, title: item.error || "" }, words.states[item.state]), item.progress ? h("span", { className: "soft small progress-told" }, ` ${standing(item.progress)}`) : null];
}

function standing({ place, percent, elapsed_ms: elapsed, left_ms: left }) {
  const parts = place ? [`place ${count(place)}`] : percent === undefined ? [] : [`${number(percent, 0)} %`];
  parts.push(`for ${duration(elapsed)}`);
  if (left !== null) parts.push(`${duration(left)} left`);
  return parts.join(", ");
}
