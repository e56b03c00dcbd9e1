// The trades, marks and lines of a file as few_bytes.py writes them: undone.

import { parsed } from "./packed.js";

export async function tradesIn(text) {
  const { of_trade: ofTrade, ...rest } = await parsed(text);
  const [items, marks, lines] = [rest.items, rest.marks, rest.lines].map(summed);
  for (const [name, own] of Object.entries(ofTrade)) marks[name] = marks[name].map((value, place) => (value === true ? items[own][marks.trade[place]] : value));
  lines.last = lines.last.map((value, place) => value ?? lines.first[place]);
  return { ...rest, items, marks, lines };
}

// Columns, each that stands as steps as what these come to.
const summed = (columns) => Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.steps ? sums(column.steps) : column]));

function sums(steps) {
  let sum = 0;
  return steps.map((step) => (step === null ? null : (sum += step)));
}
