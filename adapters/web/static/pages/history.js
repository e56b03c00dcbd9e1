// The stored back-tests: search, and two of them to compare.

import { get } from "../api.js";
import { h, pagedTable, put, select, settled } from "../dom.js";
import { columnsOf } from "../figures.js";
import { words } from "../vocabulary.js";

export async function showHistory(page) {
  const chosen = new Set();
  const search = h("input", { type: "search", placeholder: "Search program, symbol, setting or id", "aria-label": "Search", style: "max-width:340px", oninput: settled(() => table.refresh(true), 250) });
  const status = select({ "aria-label": "Status", style: "width:auto", onchange: () => table.refresh(true) }, [["", "any status"], ...Object.entries(words.statuses)]);
  const compare = h("button", { type: "button", id: "compare", disabled: true, onclick: () => (location.hash = `#/compare/${[...chosen].sort((a, b) => a - b).join("/")}`) }, "Compare");

  function choose(id, isOn) {
    if (isOn) chosen.add(id);
    else chosen.delete(id);
    compare.disabled = chosen.size !== 2;
    compare.textContent = chosen.size === 2 ? "Compare the two" : `Compare (choose two, ${chosen.size} chosen)`;
  }

  const table = pagedTable({
    label: "Back-tests",
    size: 25,
    load: ({ offset, limit }) => get("/api/backtests", { offset, limit, q: search.value.trim(), status: status.value }),
    onRow: (item) => (location.hash = `#/results/${item.id}`),
    columns: [
      { title: "", show: (item) => h("input", { type: "checkbox", "aria-label": `Compare ${item.id}`, checked: chosen.has(item.id), onclick: (event) => event.stopPropagation(), onkeydown: (event) => event.stopPropagation(), onchange: (event) => choose(item.id, event.target.checked) }) },
      { title: "Id", number: true, show: (item) => h("a", { href: `#/results/${item.id}` }, item.id) },
      { title: "Status", show: (item) => h("span", { className: `badge ${item.status}`, title: item.error || "" }, item.status) },
      ...columnsOf(words.columns.history),
    ],
  });
  put(page, h("div", { className: "row end" }, h("h1", {}, "History"), h("div", { className: "row" }, search, status, compare)), h("div", { className: "card" }, table.element));
  choose(0, false);
}
