// The trigger log: what the program saw, asked, decided and logged.

import { get } from "./api.js";
import { dialog, h, pagedTable } from "./dom.js";
import { count, number, price, text, time, tone } from "./format.js";

export function triggerTable(result) {
  const only = h("select", { "aria-label": "Which triggers", style: "width:auto", onchange: () => table.refresh(true) }, [["", "all triggers"], ["decisions", "with a decision to act"], ["fills", "with a fill"], ["rejected", "rejected"], ["errors", "with an error"], ["logs", "with log lines"]].map(([value, title]) => h("option", { value }, title)));
  const table = pagedTable({
    label: "Triggers",
    load: ({ offset, limit }) => get(`/api/backtests/${result.id}/triggers`, { offset, limit, only: only.value }),
    onRow: (row) => showTrigger(result.id, row.index),
    columns: [
      { title: "#", number: true, show: (t) => count(t.index) },
      { title: "Time", show: (t) => time(t.timestamp) },
      { title: "Type", show: (t) => t.trigger_type },
      { title: "Symbol", show: (t) => t.symbol },
      { title: "Decision", show: (t) => (t.decision_symbol && t.action !== "hold" ? `${t.action} ${t.decision_symbol}` : t.action) },
      { title: "Order", show: (t) => (t.order_status ? `${t.order_status}${t.order_reason ? `: ${t.order_reason}` : ""}` : "") },
      { title: "Price", number: true, show: (t) => price(t.entry_price ?? t.exit_price) },
      { title: "PnL", number: true, show: (t) => h("span", { className: tone(t.pnl) }, t.pnl === null ? "" : number(t.pnl, 2, true)) },
      { title: "Equity after", number: true, show: (t) => number(t.equity_after) },
      { title: "Log", number: true, show: (t) => (t.log_lines ? count(t.log_lines) : "") },
      { title: "Reason or error", wrap: true, show: (t) => (t.error ? h("span", { className: "bad" }, t.error) : t.reason || "") },
    ],
  });
  return [h("div", { className: "row", style: "margin-bottom:8px" }, only), table.element];
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
      found.order ? section("Order", list(found.order)) : null,
      section("Logged", (found.logs || []).length ? h("pre", { tabIndex: 0 }, found.logs.join("\n")) : h("p", { className: "soft" }, "nothing")),
    ),
  );
}
