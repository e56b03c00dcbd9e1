// The trigger log: what the program saw, asked, decided and logged.

import { get } from "./api.js";
import { dialog, h, pagedTable, select } from "./dom.js";
import { columnsOf } from "./figures.js";
import { count, text, time } from "./format.js";
import { words } from "./vocabulary.js";

export function triggerTable(result) {
  const kinds = Object.entries({ "": "all triggers", ...words.trigger_filters });
  const only = select({ "aria-label": "Which triggers", style: "width:auto", onchange: () => table.refresh(true) }, kinds);
  const [why, ...others] = columnsOf(words.columns.triggers).reverse();
  const reason = { ...why, show: (row) => (row.error ? h("span", { className: "bad" }, row.error) : why.show(row)) };
  const table = pagedTable({
    label: "Triggers",
    load: ({ offset, limit }) => get(`/api/backtests/${result.id}/triggers`, { offset, limit, only: only.value, all_triggers: true }),
    onRow: (row) => showTrigger(result.id, row.index),
    columns: [...others.reverse(), reason],
  });
  const unsaved = result.triggers_unsaved;
  const note = unsaved > 0 ? h("span", { className: "soft small", id: "unsaved" }, `${count(unsaved)} triggers of which nothing came are not stored`) : null;
  return [h("div", { className: "row", style: "margin-bottom:8px" }, only, note), table.element];
}

async function showTrigger(id, index) {
  const found = await get(`/api/backtests/${id}/triggers/${index}`);
  const section = (title, ...content) => [h("h2", { style: "margin-top:14px" }, title), content];
  const list = (values) => h("dl", {}, Object.entries(values || {}).map(([name, value]) => [h("dt", {}, name), h("dd", {}, text(value))]));
  dialog(
    `Trigger ${index}: ${time(found.timestamp)} UTC`,
    h("div", { id: "trigger-detail" },
      found.error ? h("p", { className: "bad", role: "alert" }, found.error) : null,
      section("Saw", list(found.saw)),
      section("Asked", (found.queries || []).length ? h("pre", { tabIndex: 0 }, found.queries.map((query) => JSON.stringify(query)).join("\n")) : h("p", { className: "soft" }, "nothing")),
      section("Decided", found.decision ? list(found.decision) : h("p", { className: "soft" }, "no decision: hold")),
      found.warm_up ? section("Too short", list(found.warm_up)) : null,
      found.order ? section("Order", list(found.order)) : null,
      section("Logged", (found.logs || []).length ? h("pre", { tabIndex: 0 }, found.logs.join("\n")) : h("p", { className: "soft" }, "nothing")),
    ),
  );
}
