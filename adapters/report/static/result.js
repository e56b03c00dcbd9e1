// The result of a back-test.

import { get } from "./api.js";
import { certificateOf, verdictBadge } from "./certificate.js";
import { ResultChart } from "./chart.js";
import { h, pagedTable, put, select, showText } from "./dom.js";
import { explanations } from "./explained.js";
import { columnsOf, linesOf, mainFigures, section, settings, tile } from "./figures.js";
import { count, written } from "./format.js";
import { showRunning } from "./running.js";
import { triggerTable } from "./triggers.js";
import { words } from "./vocabulary.js";

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
    hasFigures ? h("div", { className: "figures" }, mainFigures.map((name) => tile(name, figures))) : h("div", { className: "card empty" }, result.status === "running" ? "It runs in another process; look again later." : "There are no figures of it."),
  );
  if (!hasFigures) {
    page.append(h("div", { className: "card" }, h("h2", {}, "Program"), h("pre", { tabIndex: 0 }, result.config.code || "")));
    return;
  }
  const lines = linesOf(figures);
  if (lines.length) page.append(warnings(lines));
  const chart = new ResultChart(result);
  page.append(h("section", { className: "card", "aria-label": "Chart" }, chart.element));
  page.append(tabs(result, chart));
  await chart.start();
  parts.push(() => chart.stop());
  window.perpsim = { ...window.perpsim, ready_ms: performance.now() - began };
}

function heading(result) {
  return h(
    "div",
    { className: "row end" },
    h("div", {}, h("h1", {}, `${result.program || "Back-test"} `, h("span", { className: `badge ${result.status}` }, result.status), proved(result)), h("div", { className: "soft" }, `${result.id ? `Back-test ${result.id} · ` : ""}${result.exchange}: ${result.symbols.join(", ")} · ${result.period}`)),
    h("div", { className: "row" }, h("a", { className: "button", href: `#/new/${result.id}` }, "Change and run again"), h("a", { className: "button", href: result.study ? `#/studies/${result.study.id}` : `#/studies/new?from=${result.id}` }, result.study ? `Study ${result.study.id}, trial ${result.study.number}` : "Study"), h("a", { className: "button", href: "#/history" }, "Compare")),
  );
}

// A certificate stands in the heading, too: a result that has failed one is not to be read without that.
function proved({ certificate }) {
  return hasCertificate(certificate) ? [" ", h("span", { className: "soft small" }, "certificate "), verdictBadge(certificate, certificate.reason)] : null;
}

const hasCertificate = (certificate) => Boolean(certificate?.checks);

function warnings(lines) {
  return h("div", { className: "card warnings" }, h("details", { open: lines.length < 5 }, h("summary", {}, lines.length === 1 ? "1 warning" : `${lines.length} warnings`), h("ul", {}, lines.map((line) => h("li", {}, line)))));
}

function tabs(result, chart) {
  const contents = {
    Trades: () => trades(result, chart),
    Triggers: () => triggerTable(result),
    ...Object.fromEntries(words.tabs.map((tab) => [tab.title, () => [tab.with_funnel ? funnel(result.funnel) : null, tab.sections.map((each) => section(each, result.figures))]])),
    ...(hasCertificate(result.certificate) ? { Certificate: () => certificateOf(result.certificate) } : {}),
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
  const known = { ...words, symbols: Object.fromEntries(result.symbols.map((name) => [name, name])) };
  const columns = words.columns.trades;
  const choices = columns.filter((column) => column.words).map(({ key, label, words: name }) => choice(key, label, known[name]));
  const why = explanations(result);
  const table = pagedTable({
    label: "Trades",
    load: ({ sort, ...page }) => get(`/api/backtests/${result.id}/trades`, { ...page, sort: sort || "index", ...Object.fromEntries(choices.map((each) => [each.name, each.value])) }),
    onRow: (trade) => {
      chart.showTrade(trade);
      why.show(trade);
    },
    columns: [
      { title: "#", sort: "index", number: true, show: (trade) => count(trade.index + 1) },
      ...columnsOf(columns).map((column, place) => ({ ...column, sort: columns[place].key })),
    ],
  });

  function choice(name, label, options) {
    return select({ name, "aria-label": label, style: "width:auto", onchange: () => table.refresh(true) }, [["", `${label}: any`], ...Object.entries(options)]);
  }

  return [h("div", { className: "row", style: "margin-bottom:8px" }, choices, h("span", { className: "soft small" }, "A row shows its trade in the chart")), table.element, why.element];
}

function funnel(steps) {
  const most = Math.max(...steps.map((step) => step.count), 1);
  return h("div", { className: "funnel", id: "funnel" }, steps.map((step) => h("div", { className: step.kind }, h("span", {}, step.label), h("div", { className: "bar" }, h("i", { style: `width:${(100 * step.count) / most}%` })), h("span", { className: "num" }, count(step.count)))));
}

function configuration(result) {
  const { code, ...rest } = result.config;
  const order = Object.keys(settings);
  const shown = Object.entries(rest).filter(([, value]) => value !== null).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  return [
    h("dl", {}, shown.map(([name, value]) => [h("dt", { title: name }, settings[name]?.label ?? name), h("dd", {}, written(settings[name] ?? {}, value))])),
    h("h2", { style: "margin-top:16px" }, "Program"),
    h("pre", { tabIndex: 0 }, code || ""),
    h("button", { type: "button", onclick: () => showText("Configuration", JSON.stringify(result.config, null, 2)) }, "As JSON"),
  ];
}
