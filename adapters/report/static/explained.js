// What led to a trade, in words, beside the table of trades.

import { get } from "./api.js";
import { h, put } from "./dom.js";
import { count } from "./format.js";

// An element below the table, and how it shows a trade; of a run without a journal there is none.
export function explanations(result) {
  const element = h("div", { id: "explanation", "aria-live": "polite" });
  let turn = 0;

  async function show(trade) {
    if (!result.explains) return;
    const mine = ++turn;
    const found = await get(`/api/backtests/${result.id}/trades/${trade.index + 1}/explanation`);
    if (mine !== turn) return; // another trade has been asked for meanwhile
    put(element, found ? told(trade, found) : h("p", { className: "soft" }, "This trade is none of those that made or lost most, which are explained here."));
  }

  return { element, show };
}

function told(trade, { summary, sections }) {
  return [h("h2", { style: "margin-top:16px" }, `Why trade ${count(trade.index + 1)}`), h("p", {}, summary), sections.map(part)];
}

function part({ title, steps }) {
  return h("section", { "aria-label": title }, h("h3", { style: "font-size:14px;margin:12px 0 0" }, title), h("ol", { style: "margin:4px 0" }, steps.map(step)));
}

function step({ time, text, source }) {
  const where = source ? h("span", { className: "soft small" }, ` ${source}`) : null;
  return h("li", {}, time === null ? null : h("span", { className: "soft small" }, `${time} UTC `), text, where);
}
