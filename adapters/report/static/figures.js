// Figures and tables, drawn from what the server says of them: labels, units, meanings, columns.

import { h, pagedTable } from "./dom.js";
import { NONE, NUMBERS, tone, written } from "./format.js";
import { explained } from "./tips.js";
import { words } from "./vocabulary.js";

const BY_NAME = ["counts", "percents", "texts"];
const NAMES = Object.keys(words.figures);

// What is known of a configuration's fields, by name.
export const settings = Object.fromEntries((words.fields ?? []).flatMap((group) => group.fields).map((field) => [field.name, { label: field.unit ? `${field.label}, ${field.unit}` : field.label, unit: field.kind === "time" ? "moment" : "text" }]));

export const mainFigures = NAMES.filter((name) => words.figures[name].is_main);

// What the figures say in sentences.
export const linesOf = (figures) => NAMES.filter((name) => words.figures[name].unit === "lines").flatMap((name) => figures[name]);

// What the figures say of one of them.
const textOf = (name, figures) => NAMES.filter((each) => words.figures[each].unit === "texts").map((each) => figures[each]?.[name]).filter(Boolean).join("; ");

// A figure is not defined where the one that it is a part of is 0; where another has no value, why stands beside it.
export function tile(name, figures) {
  const { label, meaning, why, shown } = figureOf(name, figures);
  return explained(h("div", { className: "figure", role: "group", "aria-label": label, "data-figure": name }, h("span", {}, label), h("b", { className: shown.tone }, shown.text), why ? h("span", {}, why) : null), meaning);
}

// The same as a line of a list.
export function figureFact(name, figures) {
  const { label, meaning, why, shown } = figureOf(name, figures);
  return [h("dt", {}, explained(h("span", {}, label), meaning)), h("dd", { className: shown.tone }, shown.text, why ? h("span", { className: "soft small" }, ` ${why}`) : null)];
}

function figureOf(name, figures) {
  const { label, meaning, of, ...how } = words.figures[name];
  const value = of && !figures[of] ? null : figures[name];
  return { label, meaning, why: textOf(name, figures), shown: { text: written(how, value), tone: how.signed ? tone(value) : "" } };
}

// What a row has in a column, as a line of a list.
export function fact(column, row) {
  const value = cell(column, row[column.key]);
  return [h("dt", {}, explained(h("span", {}, column.label), column.meaning)), h("dd", {}, value === "" ? NONE : value)];
}

// Some figures in full: tiles, then those that hold a value for each of several names, then those that list rows.
export function section({ title, figures: names }, figures) {
  const unit = (name) => words.figures[name].unit;
  const head = (text) => h("h2", { style: "margin-top:16px" }, text);
  const tiles = names.filter((name) => !BY_NAME.includes(unit(name)) && unit(name) !== "lines");
  const named = names.filter((name) => BY_NAME.includes(unit(name)) && Object.keys(figures[name]).length);
  const listed = names.filter((name) => unit(name) === "rows" && figures[name].length);
  return [
    title ? head(title) : null,
    h("div", { className: "figures", style: title ? "" : "margin-top:12px" }, tiles.map((name) => tile(name, figures))),
    named.map((name) => [head(words.figures[name].label), h("dl", {}, Object.entries(figures[name]).map(([key, value]) => [h("dt", {}, words.figures[key]?.label ?? key), h("dd", {}, written({ unit: unit(name).slice(0, -1), signed: words.figures[name].signed }, value))]))]),
    listed.map((name) => rowsSection(name, figures)),
  ];
}

// What a figure lists, row by row, under its name; nothing of one that lists nothing.
export function rowsSection(name, figures) {
  const rows = figures[name] ?? [];
  return rows.length ? [h("h2", { style: "margin-top:16px" }, words.figures[name].label), rowsTable(words.figures[name], rows)] : null;
}

function rowsTable({ label, columns }, rows) {
  const load = async ({ offset, limit }) => ({ total: rows.length, items: rows.slice(offset, offset + limit) });
  return pagedTable({ label, columns: columnsOf(columns), load }).element;
}

// Columns in the order in which a table has them: where it is narrow the first that says what was won comes right after
// so many others, and need not be scrolled to.
export function inSight(columns, after = 0) {
  const won = window.matchMedia("(max-width: 900px)").matches ? columns.findIndex((column) => column.signed) : -1;
  return won <= after ? columns : [...columns.slice(0, after), columns[won], ...columns.slice(after, won), ...columns.slice(won + 1)];
}

// The columns of a table as `pagedTable` wants them.
export function columnsOf(columns) {
  return columns.map((column) => ({ title: column.label, meaning: column.meaning, number: NUMBERS.has(column.unit), wrap: column.wraps, show: (row) => cell(column, row[column.key]) }));
}

function cell(column, value) {
  if (value === null || value === undefined) return "";
  const shown = words[column.words]?.[value] ?? written(column, value);
  return column.signed ? h("span", { className: tone(value) }, shown) : shown;
}
