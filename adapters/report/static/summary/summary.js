// The first tab of a result: its figures in groups, and tables of what they are made of.

import { get } from "../api.js";
import { h, put } from "../dom.js";
import { figureFact } from "../figures.js";
import { words } from "../vocabulary.js";
import { excursionPictures } from "./excursions.js";
import { summaryTable } from "./tables.js";

// `openTrade` shows a trade by its number from 1 on.
export function summaryOf(result, openTrade) {
  const tables = h("div", { className: "summary-tables", "aria-live": "polite" }, h("p", { className: "soft" }, "The tables are worked out…"));
  const failed = (error) => put(tables, h("p", { className: "bad", role: "alert" }, `The tables could not be had: ${error.message}`));
  get(`/api/backtests/${result.id}/summary-tables`).then((found) => put(tables, drawn(found, openTrade)), failed);
  const groups = words.summary.map(({ title, figures: names }) => h("section", { "aria-label": title }, h("h2", {}, title), h("dl", { className: "facts" }, names.map((name) => figureFact(name, result.figures)))));
  return [h("div", { className: "groups" }, groups), tables];
}

// The picture of excursions stands below their first table.
function drawn({ tables, excursions }, openTrade) {
  const place = tables.findIndex(({ name }) => name === "excursions");
  const shown = tables.map((each) => summaryTable(each, openTrade));
  if (place >= 0) shown.splice(place + 1, 0, excursionPictures(excursions, words.excursions, openTrade));
  return shown;
}
