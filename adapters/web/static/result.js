// The result of a back-test.

import { get } from "./api.js";
import { ResultChart } from "./chart.js";
import { h, pagedTable, put, showText } from "./dom.js";
import { MAIN, MORE } from "./figures.js";
import { count, duration, number, percent, price, text, time, tone } from "./format.js";
import { showRunning } from "./running.js";
import { triggerTable } from "./triggers.js";

export async function showResult(page, id) {
  const result = await get(`/api/backtests/${id}`);
  const parts = [];
  const leave = () => parts.splice(0).forEach((part) => part());
  if (result.progress) {
    parts.push(
      showRunning(page, result, async () => {
        leave();
        if (page.isConnected) await showOver(page, await stored(id), parts);
      }),
    );
  } else {
    await showOver(page, result, parts);
  }
  return leave;
}

// The last event can come a moment before the row is there to be read.
async function stored(id) {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const result = await get(`/api/backtests/${id}`);
    if (result.status !== "running") return result;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return get(`/api/backtests/${id}`);
}

async function showOver(page, result, parts) {
  const began = performance.now();
  const figures = result.figures;
  const hasFigures = Object.keys(figures).length > 0;
  put(
    page,
    heading(result),
    result.error ? h("div", { className: "card warnings", role: "alert" }, h("b", {}, "It ended with an error: "), h("span", { className: "bad" }, result.error)) : null,
    hasFigures ? h("div", { className: "figures" }, MAIN.map((each) => figure(each, figures))) : h("div", { className: "card empty" }, result.status === "running" ? "It runs in another process; look again later." : "There are no figures of it."),
  );
  if (!hasFigures) {
    page.append(h("div", { className: "card" }, h("h2", {}, "Program"), h("pre", { tabIndex: 0 }, result.config.code || "")));
    return;
  }
  if (figures.warnings.length) page.append(warnings(figures.warnings));
  const shown = { ...result, start_time: figures.start_time, end_time: figures.end_time, symbols: result.config.symbols };
  const chart = new ResultChart(shown);
  page.append(h("section", { className: "card", "aria-label": "Chart" }, chart.element));
  page.append(tabs(result, chart));
  await chart.start();
  parts.push(() => chart.stop());
  window.perpsim = { ...window.perpsim, ready_ms: performance.now() - began };
}

function heading(result) {
  const toml = `${time(result.start_time)} to ${time(result.end_time)} UTC (${duration(result.end_time - result.start_time)})`;
  return h(
    "div",
    { className: "row end" },
    h("div", {}, h("h1", {}, `${result.program || "Back-test"} `, h("span", { className: `badge ${result.status}` }, result.status)), h("div", { className: "soft" }, `Back-test ${result.id} · ${result.exchange}: ${result.symbols.join(", ")} · ${toml}`)),
    h("div", { className: "row" }, h("a", { className: "button", href: `#/new/${result.id}` }, "Change and run again"), h("a", { className: "button", href: "#/history" }, "Compare")),
  );
}

function figure([name, title, show, meaning, toned], figures) {
  const value = figures[name];
  return h("div", { className: "figure", tabIndex: 0, "data-figure": name }, h("span", {}, title), h("b", { className: toned ? tone(value) : "" }, show(value)), h("div", { className: "tip", role: "tooltip" }, meaning));
}

function warnings(lines) {
  return h("div", { className: "card warnings" }, h("details", { open: lines.length < 5 }, h("summary", {}, lines.length === 1 ? "1 warning" : `${lines.length} warnings`), h("ul", {}, lines.map((line) => h("li", {}, line)))));
}

function tabs(result, chart) {
  const contents = {
    Trades: () => trades(result, chart),
    Triggers: () => triggerTable(result),
    "Why no trades": () => funnel(result.figures),
    "More figures": () => more(result.figures),
    "Data coverage": () => coverage(result.figures.data_coverage),
    Configuration: () => configuration(result),
  };
  const body = h("div", { role: "tabpanel", tabIndex: 0 });
  const buttons = Object.keys(contents).map((name) => h("button", { type: "button", role: "tab", onclick: () => open(name), onkeydown: arrows }, name));

  function open(name) {
    buttons.forEach((button) => {
      const isOpen = button.textContent === name;
      button.setAttribute("aria-selected", String(isOpen));
      button.tabIndex = isOpen ? 0 : -1;
    });
    put(body, contents[name]());
  }

  function arrows(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = buttons[(buttons.indexOf(event.target) + step + buttons.length) % buttons.length];
    next.focus();
    next.click();
  }

  open("Trades");
  return h("section", { className: "card" }, h("div", { className: "tabs", role: "tablist" }, buttons), body);
}

function trades(result, chart) {
  const choice = (name, options) => h("select", { "aria-label": name, style: "width:auto", onchange: () => table.refresh(true) }, h("option", { value: "" }, `any ${name}`), options.map((option) => h("option", {}, option)));
  const symbol = choice("symbol", result.config.symbols);
  const side = choice("side", ["long", "short"]);
  const reason = choice("exit", ["decision", "tp", "sl", "liquidation"]);
  const toned = (value) => h("span", { className: tone(value) }, number(value, 2, true));
  const table = pagedTable({
    label: "Trades",
    load: ({ sort, ...page }) => get(`/api/backtests/${result.id}/trades`, { ...page, sort: sort || "index", symbol: symbol.value, side: side.value, exit_reason: reason.value }),
    onRow: (trade) => chart.showTrade(trade),
    columns: [
      { title: "#", sort: "index", number: true, show: (t) => count(t.index + 1) },
      { title: "Opened", sort: "timestamp", show: (t) => time(t.timestamp) },
      { title: "Closed", sort: "exit_timestamp", show: (t) => time(t.exit_timestamp) },
      { title: "Symbol", sort: "symbol", show: (t) => t.symbol },
      { title: "Side", sort: "side", show: (t) => t.side },
      { title: "Size", sort: "size", number: true, show: (t) => price(t.size) },
      { title: "Entry", sort: "entry_price", number: true, show: (t) => price(t.entry_price) },
      { title: "Exit", sort: "exit_price", number: true, show: (t) => price(t.exit_price) },
      { title: "By", sort: "exit_reason", show: (t) => t.exit_reason },
      { title: "Net PnL", sort: "pnl", number: true, show: (t) => toned(t.pnl) },
      { title: "%", sort: "pnl_percent", number: true, show: (t) => toned(t.pnl_percent) },
      { title: "Fee", sort: "fee", number: true, show: (t) => number(t.fee) },
      { title: "Reason", wrap: true, show: (t) => t.reason },
    ],
  });
  return [h("div", { className: "row", style: "margin-bottom:8px" }, symbol, side, reason, h("span", { className: "soft small" }, "A row shows its trade in the chart")), table.element];
}

function funnel(figures) {
  const decided = Object.entries(figures.decisions);
  const acting = decided.filter(([name]) => !["hold", "none"].includes(name)).reduce((sum, [, value]) => sum + value, 0);
  const most = Math.max(figures.total_triggers, 1);
  const line = (name, value, kind = "") => h("div", { className: kind }, h("span", { className: kind ? "sub" : "" }, name), h("div", { className: "bar" }, h("i", { style: `width:${(100 * value) / most}%` })), h("span", { className: "num" }, count(value)));
  const rejected = Object.entries(figures.rejections).sort((a, b) => b[1] - a[1]);
  return h(
    "div",
    { className: "funnel", id: "funnel" },
    line("Triggers", figures.total_triggers),
    line("by signals", figures.signal_triggers, "sub"),
    line("by schedule", figures.scheduled_triggers, "sub"),
    line("Decisions to act", acting),
    decided.map(([name, value]) => line(name === "none" ? "no decision" : name, value, "sub")),
    line("Orders", figures.orders_submitted),
    rejected.map(([reason, value]) => line(`rejected: ${reason}`, value, "sub lost")),
    line("Fills", figures.fills),
    line("Closed trades", figures.total_trades),
    figures.unanswered_queries.length ? h("p", {}, h("b", {}, "Queries without an answer"), figures.unanswered_queries.map((each) => h("div", { className: "soft" }, `${each.query}: ${count(each.count)} times, ${each.why}`))) : null,
    figures.strategy_errors ? h("p", { className: "bad" }, `The program raised ${count(figures.strategy_errors)} times.`) : null,
  );
}

function more(figures) {
  const hold = Object.entries(figures.buy_and_hold_percent).map(([symbol, value]) => [symbol, percent(value, true)]);
  const open = figures.open_positions;
  return [
    h("div", { className: "figures" }, MORE.map((each) => figure(each, figures))),
    h("h2", { style: "margin-top:16px" }, "Buying and holding"),
    h("dl", {}, hold.map(([symbol, value]) => [h("dt", {}, symbol), h("dd", {}, value)])),
    open.length ? [h("h2", { style: "margin-top:16px" }, "Open at the end"), h("ul", {}, open.map((held) => h("li", {}, `${held.symbol} ${held.side} ${price(held.size)} from ${price(held.entry_price)}, unrealised ${number(held.unrealized_pnl, 2, true)}`)))] : null,
  ];
}

function coverage(rows) {
  const heads = ["Symbol", "Series", "Rows", "Missing", "Holes", "Longest hole", "From", "To"];
  return h(
    "div",
    { className: "scroll" },
    h(
      "table", { "aria-label": "Data coverage" },
      h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, [row.symbol, row.series, count(row.present), `${count(row.missing)} (${percent(row.expected ? (100 * row.missing) / row.expected : 0)})`, count(row.holes), row.longest_hole ? `${count(row.longest_hole)} from ${time(row.longest_hole_ms)}` : "none", time(row.first_ms || null), time(row.last_ms || null)].map((cell) => h("td", {}, cell))))),
    ),
  );
}

function configuration(result) {
  const { code, ...rest } = result.config;
  const shown = Object.entries(rest).filter(([, value]) => value !== null);
  return [
    h("dl", {}, shown.map(([name, value]) => [h("dt", {}, name), h("dd", {}, ["start_time", "end_time"].includes(name) ? `${time(value)} UTC` : text(value))])),
    h("h2", { style: "margin-top:16px" }, "Program"),
    h("pre", { tabIndex: 0 }, code || ""),
    h("button", { type: "button", onclick: () => showText("Configuration", JSON.stringify(result.config, null, 2)) }, "As JSON"),
  ];
}
