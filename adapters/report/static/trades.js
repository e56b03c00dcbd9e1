// The trades of a result: their table, and above it one of them in detail, with its triggers and what led to it.

import { get } from "./api.js";
import { h, pagedTable, put, select } from "./dom.js";
import { explanations } from "./explained.js";
import { columnsOf, fact, inSight, rowsSection } from "./figures.js";
import { count, tone, written } from "./format.js";
import { words } from "./vocabulary.js";

const IN_ADDRESS = "trades_"; // before the names of what the table is filtered and sorted by

// `onShown` is told the trade that is shown now, null for none, and whether a person has chosen it here; `openTrigger`
// shows a trigger by its index, `locate` a trade at its mark in the chart; `onTable` is told how the table is filtered and
// sorted, as it stands in an address.
export function tradesView(result, { onShown, openTrigger, locate, onTable }) {
  const address = `/api/backtests/${result.id}/trades`;
  const known = { ...words, symbols: Object.fromEntries(result.symbols.map((name) => [name, name])) };
  const columns = inSight(words.columns.trades);
  const choices = columns.filter((column) => column.words).map(({ key, label, words: name }) => choice(key, label, known[name]));
  const why = explanations(result);
  const detail = h("section", { id: "trade-detail", className: "detail", tabIndex: -1, hidden: true, onkeydown: keys });
  let shown = null; // the index of the trade that is shown
  let position = null; // where it stands in the table
  let turn = 0;
  const sum = h("div", { id: "trades-sum", className: "small", role: "status" });
  const wanted = () => Object.fromEntries(choices.map((each) => [each.name, each.value]));
  const table = pagedTable({
    label: "Trades",
    isLate: true,
    load: ({ sort, ...page }) => get(address, { ...page, sort: sort || "index", ...wanted() }),
    key: (trade) => trade.index,
    onRow: (trade, place) => show(trade.index + 1, place, true).then(toDetail),
    onPage: told,
    onSort: () => onTable(looked()),
    columns: [
      { title: "#", sort: "index", number: true, meaning: "Its number in the order of exits", show: (trade) => count(trade.index + 1) },
      ...columnsOf(columns).map((column, place) => ({ ...column, sort: columns[place].key })),
    ],
  });

  // What the filtered trades come to.
  function told({ total, sums }) {
    const parts = columns.filter(({ key }) => sums && key in sums).map((column) => [`${column.label} `, h("b", { className: column.signed ? tone(sums[column.key]) : "" }, `${written(column, sums[column.key])} USD`)]);
    put(sum, `${count(total)} ${total === 1 ? "trade" : "trades"}${parts.length ? ": " : ""}`, parts.flatMap((part, place) => (place ? [", ", ...part] : part)));
  }

  // How the table is filtered and sorted, as it stands in an address.
  const looked = () => ({ ...Object.fromEntries(choices.map((each) => [IN_ADDRESS + each.name, each.value || null])), [`${IN_ADDRESS}sort`]: table.sorted });

  // Filter and sort the table as an address says; what it does not know is left out.
  async function restore(query) {
    const before = looked();
    if (Object.entries(before).every(([name, value]) => value === query.get(name))) return;
    for (const each of choices) {
      const value = query.get(IN_ADDRESS + each.name) ?? "";
      each.value = [...each.options].some((option) => option.value === value) ? value : "";
    }
    await table.sortAs(query.get(`${IN_ADDRESS}sort`));
  }

  function choice(name, label, options) {
    return select({ name, "aria-label": label, style: "width:auto", onchange: () => (table.refresh(true), onTable(looked())) }, [["", `${label}: any`], ...Object.entries(options)]);
  }

  // Show a trade by its number from 1 on, or none; where it does not stand in the table as that is, all trades are shown.
  async function show(number, place = null, isChosen = false) {
    const mine = ++turn;
    shown = number === null ? null : number - 1;
    if (number === null) {
      detail.hidden = true;
      why.clear();
      table.choose(null);
      onShown(null, isChosen);
      return;
    }
    const found = await get(`${address}/${number}`).catch((error) => error);
    if (mine !== turn) return; // another one has been asked for meanwhile
    if (found instanceof Error) {
      tell(`Trade ${count(number)}`, h("p", { className: "bad", role: "alert" }, found.message));
      return;
    }
    position = place ?? (await placed(found));
    table.choose(found.index);
    draw(found);
    why.show(found);
    onShown(found, isChosen);
  }

  async function placed(trade) {
    const there = table.positionOf(trade.index);
    if (there !== null) return there;
    choices.forEach((each) => (each.value = ""));
    await table.goTo(trade.index);
    onTable(looked());
    return trade.index;
  }

  async function move(by) {
    const item = await table.item(position + by);
    if (!item) return;
    await table.reveal(position + by);
    await show(item.index + 1, position + by, true);
    toDetail();
  }

  // Where its keys work.
  const toDetail = () => detail.focus({ preventScroll: true });

  async function close() {
    await show(null, null, true);
    table.focus(position);
  }

  function keys(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    move(step);
  }

  function tell(title, ...content) {
    detail.hidden = false;
    detail.setAttribute("aria-label", title);
    put(detail, ...content);
  }

  function draw(trade) {
    const title = `Trade ${count(trade.index + 1)}`;
    const button = (text, act, isOff) => h("button", { type: "button", disabled: isOff, onclick: act }, text);
    tell(
      title,
      h("div", { className: "row end" },
        h("h2", { style: "margin:0" }, `${title} of ${count(trade.total)}`),
        h("div", { className: "row" }, button("‹ Previous trade", () => move(-1), position === 0), button("Next trade ›", () => move(1), position === table.total - 1), button("Show its mark", () => locate(trade)), button("Close", close)),
      ),
      h("p", { className: "soft small" }, "Money in USD, times in UTC. The left and the right arrow key go through the trades of the table."),
      h("dl", { className: "facts" }, words.columns.trades.map((column) => fact(column, trade))),
      h("div", { className: "row", id: "trade-triggers" }, trade.triggers.map(link)),
      trade.triggers_note ? h("p", { className: "caveat", id: "triggers-note" }, trade.triggers_note) : null,
    );
  }

  // What is told of a trigger of a trade: a button that opens it, or why there is none.
  function link({ role, trigger, candidates, note: reason }) {
    const button = (index) => h("button", { type: "button", onclick: () => openTrigger(index) }, `Trigger ${count(index)}`);
    const named = trigger === null ? candidates : [trigger];
    return h("span", { className: "row", style: "gap:6px" }, h("span", { className: trigger === null ? "soft" : "" }, trigger === null ? reason : words.trigger_links[role]), named.map(button));
  }

  const hint = h("span", { className: "soft small" }, "A row shows its trade in the chart and here");
  return { element: [detail, why.element, h("div", { className: "row", style: "margin-bottom:8px" }, choices, hint), sum, table.element, words.beside_trades.map((name) => rowsSection(name, result.figures))], begin: table.begin, show, restore, toDetail, get shown() { return shown; } };
}
