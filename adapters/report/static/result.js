// The result of a back-test.

import { note, numberOf, queryOf } from "./view_address.js";
import { get } from "./api.js";
import { certificateOf, verdictBadge } from "./certificate.js";
import { ResultChart } from "./chart.js";
import { h, put, settled, showText } from "./dom.js";
import { linesOf, mainFigures, section, settings, tile } from "./figures.js";
import { count, written } from "./format.js";
import { showRunning } from "./running.js";
import { equityPicture } from "./summary/picture.js";
import { summaryOf } from "./summary/summary.js";
import { tabsOf } from "./tabs.js";
import { tradesView } from "./trades.js";
import { triggersView } from "./triggers.js";
import { words } from "./vocabulary.js";

const LOOK_MS = 2000; // so often it is looked whether a run that another process makes is over
const SETTLED_MS = 400;

// Show a result; what is to be seen of it first stands in `query`. What is returned is called when the page is left, and
// its `follow` when another view of the same result is asked for.
export async function showResult(page, id, query = queryOf("")) {
  const parts = [];
  const leave = () => parts.splice(0).forEach((part) => part());
  leave.follow = () => {};
  const show = async (result) => {
    leave();
    if (result.progress) parts.push(showRunning(page, result, () => stored(id), show));
    else leave.follow = (await showOver(page, result, parts, query)) ?? leave.follow;
    if (result.status === "running" && !result.progress) parts.push(lookAgain(page, id, show));
  };
  await show(await get(`/api/backtests/${id}`));
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

// A run of another process tells this page nothing: its result is shown when it is there.
function lookAgain(page, id, show) {
  const timer = setInterval(async () => {
    if (document.hidden) return;
    const result = await get(`/api/backtests/${id}`).catch(() => null); // the server may be away: the next look tells
    if (page.isConnected && result && result.status !== "running") await show(result);
  }, LOOK_MS);
  return () => clearInterval(timer);
}

async function showOver(page, result, parts, query) {
  const began = performance.now();
  const figures = result.figures;
  const hasFigures = Object.keys(figures).length > 0;
  put(
    page,
    heading(result),
    outcome(result),
    hasFigures ? h("div", { className: "head" }, equityPicture(result), h("div", { className: "figures" }, mainFigures.map((name) => tile(name, figures)))) : h("div", { className: "card empty" }, result.status === "running" ? "It runs in another process; its result comes here when it is over." : "There are no figures of it."),
  );
  if (!hasFigures) {
    page.append(h("div", { className: "card" }, h("h2", {}, "Program"), h("pre", { tabIndex: 0 }, result.config.code || "")));
    return null;
  }
  const lines = linesOf(figures);
  if (lines.length) page.append(warnings(lines));
  const chart = new ResultChart(result);
  page.append(h("section", { className: "card", "aria-label": "Chart" }, chart.element));
  const view = new ResultView(page, result, chart);
  page.append(view.tabs.element);
  parts.push(() => view.leave());
  if (result.symbols.includes(query.get("symbol"))) chart.controls.symbol.value = query.get("symbol");
  view.openTab(query);
  view.restored = view.trades.restore(query);
  parts.push(() => chart.stop());
  view.started = chart.start(); // what fails in it is said below the chart
  await view.started;
  await view.follow(query, true);
  window.perpsim = { ...window.perpsim, ready_ms: performance.now() - began };
  return (wanted) => view.follow(wanted);
}

// What is looked at: a tab, a trade, a trigger, a window of the chart. It stands in the address.
class ResultView {
  constructor(page, result, chart) {
    Object.assign(this, { page, chart, query: queryOf("") });
    const locate = (trigger) => this.located(trigger);
    this.trades = tradesView(result, { onShown: (trade, isChosen) => this.onTrade(trade, isChosen), onTable: (changes) => this.note(changes, true), openTrigger: (index) => this.triggers.show(index), locate: (trade) => chart.showMark(trade) });
    const openTrade = (number) => this.openTrade(number).then(this.trades.toDetail);
    this.triggers = triggersView(result, { onShown: (index) => this.note({ trigger: index }), openTrade, locate });
    this.tabs = tabsOf(this.contents(result), (slug) => this.note({ tab: slug }));
    chart.element.addEventListener("choosetrade", ({ detail }) => Number.isInteger(detail.index) && this.openTrade(detail.index + 1));
    chart.element.addEventListener("choosetrigger", ({ detail }) => this.triggers.show(detail.index));
    this.moved = settled(() => this.onMoved(), SETTLED_MS);
    for (const name of ["wheel", "pointerup", "keyup", "click", "change"]) chart.element.addEventListener(name, this.moved, { passive: true });
  }

  contents(result) {
    return {
      Summary: () => summaryOf(result, (number) => this.openTrade(number).then(this.trades.toDetail)),
      Trades: () => begun(this.trades),
      Triggers: () => begun(this.triggers),
      ...Object.fromEntries(words.tabs.map((tab) => [tab.title, () => [tab.with_funnel ? funnel(result.funnel) : null, tab.sections.map((each) => section(each, result.figures))]])),
      ...(hasCertificate(result.certificate) ? { Certificate: () => certificateOf(result.certificate) } : {}),
      Configuration: () => configuration(result),
    };
  }

  // Note what is shown, unless that is what an address has asked for.
  note(changes, isQuiet = false) {
    if (!this.isFollowing && this.page.isConnected) note(changes, isQuiet);
  }

  openTab(query) {
    this.tabs.open(query.get("tab") ?? (query.has("trade") ? "trades" : query.has("trigger") ? "triggers" : "summary"));
  }

  // Show what an address asks for; at first nothing instead of what a person has opened meanwhile.
  async follow(query, isFirst = false) {
    if (isFirst && (this.trades.shown ?? this.triggers.shown) !== null) return;
    this.isFollowing = true;
    try {
      if (!isFirst) this.openTab(query);
      await (isFirst ? this.restored : this.trades.restore(query));
      const [trade, trigger] = [numberOf(query, "trade"), numberOf(query, "trigger")];
      if ((this.trades.shown ?? -1) + 1 !== (trade || 0)) await this.trades.show(trade || null);
      await this.showWindow(query);
      if (trigger === null) this.triggers.close();
      else if (trigger !== this.triggers.shown) await this.triggers.show(trigger);
    } finally {
      this.isFollowing = false;
    }
  }

  async showWindow(query) {
    await this.placing;
    const [from, to] = [numberOf(query, "from"), numberOf(query, "to")];
    if (from !== null && to > from) await this.chart.showRange(from, to);
  }

  // Show a trade by its number from 1 on, beside the tab that has it.
  async openTrade(number) {
    this.tabs.open("trades");
    await this.trades.show(number, null, true);
  }

  async onTrade(trade, isChosen) {
    if (isChosen) this.note({ tab: "trades", trade: trade && trade.index + 1, trigger: null, from: null, to: null, symbol: trade?.symbol ?? null });
    this.placing = this.started.then(() => trade && this.chart.showTrade(trade)); // an address may ask for another window then
    await this.placing;
  }

  async located(trigger) {
    await this.chart.showTrigger(trigger);
  }

  // The window that a person has moved to: looked at again while its klines are still on their way.
  onMoved() {
    if (!this.page.isConnected) return;
    if (this.chart.windows.loading) {
      this.moved();
      return;
    }
    const [from, to] = this.chart.windows.range ? this.chart.windows.shown : [];
    if (!(to > from)) return;
    const [start, end] = this.chart.windows.range;
    const isAll = from <= start && to >= end;
    this.note({ from: isAll ? null : Math.max(Math.round(from), 0), to: isAll ? null : Math.round(to), symbol: this.chart.controls.symbol.value }, true);
  }

  leave() {
    this.triggers.close();
  }
}

// What asks for its rows when it is seen first.
function begun(view) {
  view.begin();
  return view.element;
}

function heading(result) {
  return h(
    "div",
    { className: "row end" },
    h("div", {}, h("h1", {}, `${result.program || "Back-test"} `, h("span", { className: `badge ${result.status}` }, words.states?.[result.state] ?? result.status), proved(result)), h("div", { className: "soft" }, `${result.id ? `Back-test ${result.id} · ` : ""}${result.exchange}: ${result.symbols.join(", ")} · ${result.period}`), result.came_to ? h("div", { className: "warn small", id: "came-to" }, `It came to ${result.came_to}.`) : null),
    h("div", { className: "row" }, h("a", { className: "button", href: `#/new/${result.id}` }, "Change and run again"), h("a", { className: "button", href: result.study ? `#/studies/${result.study.id}` : `#/studies/new?from=${result.id}` }, result.study ? `Study ${result.study.id}, trial ${result.study.number}` : "Study"), h("a", { className: "button", href: `#/history?chosen=${result.id}` }, "Compare")),
  );
}

// What became of a run that did not come to its end, and what can be done.
function outcome({ id, state, error }) {
  if (!error) return null;
  const became = words.outcomes[state] ?? words.outcomes.failed;
  const said = h("p", { className: "bad", style: "margin:4px 0" }, error);
  const again = id ? h("a", { className: "button", href: `#/new/${id}` }, "Run again, or change it first") : null;
  return h("div", { className: "card warnings", role: "alert" }, h("b", {}, became.title), said, h("p", { style: "margin:4px 0" }, became.advice), again);
}

// A certificate stands in the heading, too: a result that has failed one is not to be read without that.
function proved({ certificate }) {
  return hasCertificate(certificate) ? [" ", h("span", { className: "soft small" }, "certificate "), verdictBadge(certificate, certificate.reason)] : null;
}

const hasCertificate = (certificate) => Boolean(certificate?.checks);

function warnings(lines) {
  const head = lines.length === 1 ? "1 warning" : `${count(lines.length)} warnings`;
  return h("div", { className: "card warnings" }, h("details", { open: lines.length < 3 }, h("summary", {}, head), h("ul", {}, lines.map((line) => h("li", {}, line)))));
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
