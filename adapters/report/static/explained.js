// What led to a trade, in words.

import { get } from "./api.js";
import { h, put } from "./dom.js";
import { count } from "./format.js";

// An element, and how it shows a trade: at once in a report whose run kept a journal, not at all in one whose run kept
// none. A server runs the back-test again for it, when that is asked for.
export function explanations(result) {
  const element = h("div", { id: "explanation", "aria-live": "polite" });
  let turn = 0;

  async function ask(trade) {
    const mine = ++turn;
    const path = `/api/backtests/${result.id}/trades/${trade.index + 1}/explanation`;
    const found = await get(path).then((answer) => told(trade, answer), failed);
    if (mine === turn) put(element, found); // else another trade has been asked for meanwhile
  }

  function offer(trade) {
    turn += 1;
    const button = h("button", { type: "button", onclick: () => (put(element, waiting), ask(trade)) }, `Why trade ${count(trade.index + 1)}?`);
    put(element, h("div", { className: "row", style: "margin-top:16px" }, button, h("span", { className: "soft small" }, "The back-test is run again for that.")));
  }

  // None is shown any more.
  function clear() {
    turn += 1;
    put(element);
  }

  const shows = { true: ask, false: () => {}, undefined: offer };
  return { element, show: shows[result.explains], clear };
}

const waiting = h("p", { className: "soft" }, "The back-test is run again…");
const failed = (error) => h("p", { className: "bad", role: "alert" }, error.message);

function told(trade, answer) {
  if (!answer) return h("p", { className: "soft" }, "This trade is none of those that made or lost most, which are explained here.");
  const remarks = (answer.remarks ?? []).map((each) => h("p", { className: "caveat" }, each));
  return [h("h2", { style: "margin-top:16px" }, `Why trade ${count(trade.index + 1)}`), remarks, h("p", {}, answer.summary), answer.sections.map(part)];
}

function part({ title, steps }) {
  return h("section", { "aria-label": title }, h("h3", {}, title), h("ol", { style: "margin:4px 0" }, steps.map(step)));
}

function step({ time, text, source }) {
  const where = source ? h("span", { className: "soft small" }, ` ${source}`) : null;
  return h("li", {}, time === null ? null : h("span", { className: "soft small" }, `${time} UTC `), text, where);
}
