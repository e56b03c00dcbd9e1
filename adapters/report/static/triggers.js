// The trigger log: what the program saw, asked, decided and logged; a table that is searched, and one trigger in detail.

import { get } from "./api.js";
import { dialog, h, pagedTable, put, select, settled } from "./dom.js";
import { columnsOf } from "./figures.js";
import { count, text, time } from "./format.js";
import { factsOf, headOf } from "./mark_words.js";
import { words } from "./vocabulary.js";

const TYPING_MS = 250;

// What triggers are sorted by under a column: they have one order for both columns of time.
const sortOf = (key) => ({ timestamp: "index", reason: "error" })[key] ?? key;

// `onShown` is told the index of the trigger that is shown now, null for none; `openTrade` shows a trade by its number,
// `locate` a trigger in the chart, where that can.
export function triggersView(result, { onShown, openTrade, locate }) {
  const address = `/api/backtests/${result.id}/triggers`;
  const again = () => table.refresh(true);
  const filter = (label, pairs) => select({ "aria-label": label, style: "width:auto", onchange: again }, pairs);
  const filters = {
    only: filter("Which triggers", Object.entries({ "": "all triggers", ...words.trigger_filters })),
    trigger_type: filter("Type of trigger", Object.entries({ "": "any type", ...words.trigger_types })),
    symbol: filter("Symbol of triggers", [["", "any symbol"], ...result.symbols.map((name) => [name, name])]),
    q: h("input", { type: "search", maxLength: 100, placeholder: "Text in reason, log or error", "aria-label": "Text in reason, log or error", style: "width:auto", oninput: settled(again, TYPING_MS) }),
  };
  const wanted = () => ({ ...Object.fromEntries(Object.entries(filters).map(([name, field]) => [name, field.value.trim()])), all_triggers: true });
  const told = h("span", { className: "soft small", id: "trigger-counts", role: "status" });
  let jump = {}; // where the next page is to begin
  const columns = words.columns.triggers.map((column, place) => ({ ...columnsOf([column])[0], sort: words.trigger_sorts.includes(sortOf(column.key)) ? sortOf(column.key) : null, key: column.key, place }));
  const why = columns.at(-1);
  const table = pagedTable({
    label: "Triggers",
    isLate: true,
    key: (row) => row.index,
    load: async ({ offset, limit, sort, descending }) => {
      const asked = { offset, limit, sort: sort || null, descending: sort ? descending : null, ...jump, ...wanted() };
      const page = await get(address, asked);
      if (page.found !== null && page.found !== undefined) table.choose(page.found);
      tell(page);
      return page;
    },
    onRow: (row) => show(row.index),
    columns: [...columns.slice(0, -1), { ...why, show: (row) => (row.error ? h("span", { className: "bad" }, row.error) : why.show(row)) }],
  });

  function tell({ total, stored }) {
    const unsaved = h("span", { id: "unsaved" }, `${count(result.triggers_unsaved)} triggers of which nothing came are not stored`);
    put(told, `${count(total)} of ${count(stored)} stored triggers`, result.triggers_unsaved > 0 && ["; ", unsaved]);
  }

  // The page with the first wanted trigger from there on.
  async function goTo(where) {
    jump = where;
    await table.goTo(0);
    jump = {};
  }

  const moment = h("input", { type: "datetime-local", step: 1, "aria-label": "Jump to a time, UTC", style: "width:auto" });
  const index = h("input", { type: "number", min: 0, step: 1, placeholder: "#", "aria-label": "Jump to an index", style: "width:90px" });
  const jumps = h(
    "form",
    { className: "row", onsubmit: (event) => (event.preventDefault(), jumpThere()) },
    h("label", { className: "row", style: "gap:6px" }, h("span", { className: "soft small" }, "Time, UTC"), moment),
    h("label", { className: "row", style: "gap:6px" }, h("span", { className: "soft small" }, "or index"), index),
    h("button", {}, "Jump"),
  );

  function jumpThere() {
    if (index.value !== "") goTo({ index: index.value });
    else if (moment.value) goTo({ since: Date.parse(`${moment.value}Z`) });
  }

  const window_ = triggerWindow({ ask: (wantedIndex, isAmong) => get(`${address}/${wantedIndex}`, isAmong ? wanted() : { all_triggers: true }), onShown, openTrade, locate, onMove: (wantedIndex) => table.choose(wantedIndex) });

  // Show a trigger among those that the table is searched for, or, where it is not one of these, among all.
  const show = (wantedIndex) => (wantedIndex === null ? window_.close() : window_.show(wantedIndex, true));

  const element = [h("div", { className: "row", style: "margin-bottom:8px" }, Object.values(filters)), h("div", { className: "row", style: "margin-bottom:8px" }, jumps, told), table.element];
  return { element, begin: table.begin, show: (wantedIndex) => window_.show(wantedIndex, false), choose: show, close: window_.close, get shown() { return window_.shown; } };
}

// One trigger in a window of its own, from which the ones beside it can be reached.
function triggerWindow({ ask, onShown, openTrade, locate, onMove }) {
  let box = null;
  let shown = null;
  let turn = 0;
  let beside = {};
  let isAmong = false;
  const body = h("div", { id: "trigger-detail" });

  function close() {
    if (shown === null) return;
    shown = null;
    turn += 1;
    box?.close();
    box = null;
  }

  async function show(index, among = isAmong) {
    const mine = ++turn;
    Object.assign(beside, { previous: null, next: null });
    [shown, isAmong] = [index, among];
    const found = await ask(index, among).catch((error) => error);
    if (mine !== turn) return; // another one has been asked for meanwhile
    if (!box) {
      const opened = (box = dialog("", h("div", { className: "row end", id: "trigger-moves" }), body));
      opened.addEventListener("keydown", keys);
      opened.addEventListener("close", () => opened === box && closed());
    }
    if (found instanceof Error) {
      head(index, `Trigger ${count(index)}`, "");
      put(body, h("p", { className: "bad", role: "alert" }, found.message));
    } else {
      beside = found;
      head(index, `Trigger ${count(index)}: ${time(found.timestamp)} UTC`, `${count(found.place)} of ${count(found.among)}${among ? " that are looked for" : ""}`);
      put(body, contents(found));
      onMove(index);
    }
    onShown(index);
  }

  function closed() {
    box = null;
    if (shown === null) return;
    shown = null;
    onShown(null);
  }

  function head(index, title, where) {
    const button = (label, to) => h("button", { type: "button", disabled: to === null || to === undefined, onclick: () => show(to) }, label);
    box.querySelector("h2").textContent = title;
    box.setAttribute("aria-label", title);
    const held = box.querySelector("#trigger-moves").contains(document.activeElement);
    put(box.querySelector("#trigger-moves"), h("div", { className: "row" }, button("‹ Previous trigger", beside.previous), button("Next trigger ›", beside.next), h("span", { className: "soft small" }, where)), locate ? h("button", { type: "button", onclick: () => (close(), onShown(null), locate(beside)) }, "Show in the chart") : null);
    if (held) box.querySelector("#trigger-moves button:not(:disabled)")?.focus();
  }

  function keys(event) {
    const to = { ArrowLeft: beside.previous, ArrowRight: beside.next }[event.key];
    if (to === null || to === undefined || event.altKey || event.ctrlKey || event.metaKey || event.target.tagName === "PRE") return;
    event.preventDefault();
    show(to);
  }

  const section = (title, ...content) => [h("h2", { style: "margin-top:14px" }, title), content];
  const list = (values) => h("dl", {}, Object.entries(values || {}).map(([name, value]) => [h("dt", {}, name), h("dd", {}, text(value))]));
  const lines = (found) => (found.length ? h("pre", { tabIndex: 0 }, found.join("\n")) : h("p", { className: "soft" }, "nothing"));

  function contents(found) {
    return [
      found.error ? h("p", { className: "bad", role: "alert" }, found.error) : null,
      h("p", { className: "soft small" }, `${found.trigger_type}${found.symbol ? `, ${found.symbol}` : ""}`),
      found.trades.length ? h("div", { className: "row", id: "trigger-trades" }, found.trades.map(trade)) : null,
      section("Saw", list(found.saw)),
      section("Asked", lines((found.queries || []).map((query) => JSON.stringify(query)))),
      (found.decisions ?? [found]).map((each, place, all) => decided(each, all.length > 1 ? ` ${place + 1} of ${all.length}` : "")),
      found.marks.length ? section("What became of it", h("ol", { id: "trigger-marks" }, found.marks.map(became))) : null,
      section("Logged", lines(found.logs || [])),
    ];
  }

  function decided({ decision, order, warm_up: tooShort }, which) {
    return [
      section(`Decided${which}`, decision ? list(decision) : h("p", { className: "soft" }, "no decision: hold")),
      tooShort ? section("Too short", list(tooShort)) : null,
      order ? section(`Order${which}`, list(order)) : null,
    ];
  }

  // A fill or a change of an order, with the trade that it came to.
  function became(mark) {
    const facts = factsOf(words.columns.marks, mark).map(([label, value]) => `${label} ${value}`);
    return h("li", {}, `${time(mark.time)} UTC ${[headOf(mark), ...facts].join(" · ")} `, mark.trade === null ? null : trade({ number: mark.trade + 1 }));
  }

  const trade = ({ number, role }) => h("button", { type: "button", onclick: () => (close(), openTrade(number)) }, role ? `It ${role} trade ${count(number)}` : `Trade ${count(number)}`);

  return { show, close, get shown() { return shown; } };
}
