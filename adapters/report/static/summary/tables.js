// The tables of a summary: what each is of stands at its head, what each column is above it.

import { h, scrolled } from "../dom.js";
import { columnsOf } from "../figures.js";
import { count } from "../format.js";
import { explained } from "../tips.js";

export function summaryTable({ title, meaning, columns, rows, total, opens_trade: opensTrade, name }, openTrade) {
  const told = rows.length < total ? ` (${count(rows.length)} of ${count(total)})` : "";
  return h(
    "section",
    { className: "summary-table", "data-table": name, "aria-label": title },
    h("h2", {}, explained(h("span", {}, title), meaning), h("span", { className: "soft small" }, told)),
    rows.length ? table(columnsOf(columns), rows, title, opensTrade ? openTrade : null) : h("p", { className: "soft" }, "None."),
  );
}

function table(columns, rows, label, openTrade) {
  const head = ({ title, number: isNumber, meaning }) => h("th", { scope: "col", className: isNumber ? "num" : "" }, explained(h("span", {}, title), meaning));
  const cells = (row) => columns.map((column) => h("td", { className: column.number ? "num" : "" }, column.show(row)));
  const line = (row) => (openTrade ? opening(row) : h("tr", {}, cells(row)));
  const opening = (row) => {
    const open = () => openTrade(row.index + 1);
    return h("tr", { className: "link", tabIndex: 0, onclick: open, onkeydown: (event) => event.key === "Enter" && open() }, cells(row));
  };
  return scrolled(`${label}, table`, h("table", { "aria-label": label }, h("thead", {}, h("tr", {}, columns.map(head))), h("tbody", {}, rows.map(line))));
}
