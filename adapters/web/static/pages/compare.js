// Any number of back-tests side by side: equity on one axis, figures with the best marked, and what is different.

import { address, get } from "../api.js";
import { calledIn, setApart } from "../desk/compared_names.js";
import { MOST_COMPARED } from "../desk/list_address.js";
import { Overlay } from "../desk/overlay.js";
import { h, put, scrolled } from "../dom.js";
import { settings } from "../figures.js";
import { count, text, time, written } from "../format.js";
import { words } from "../vocabulary.js";

const trade = Object.fromEntries(words.columns.trades.map((column) => [column.key, column]));

export async function showCompare(page, query) {
  const ids = new URLSearchParams(query).get("ids") ?? "";
  const named = ids.split(",").filter(Boolean);
  const unfit = named.every((id) => /^[1-9]\d{0,8}$/.test(id)) ? (named.length < 2 || named.length > MOST_COMPARED ? `${count(named.length)} ${named.length === 1 ? "is" : "are"} named` : "") : "not all that is named here is an id of a back-test";
  if (unfit) {
    put(page, h("div", { className: "card" }, h("h1", {}, "Compare"), h("p", {}, `2 to ${MOST_COMPARED} results can be compared: ${unfit}.`), h("a", { className: "button", href: "#/history" }, "Choose them")));
    return;
  }
  const ask = (aligned) => get("/api/compare/equity", { ids, aligned });
  const [found, equity] = await Promise.all([get("/api/compare", { ids }), ask(false)]);
  const { items } = found;
  const apart = setApart(items);
  const overlay = new Overlay(items.map((item, place) => calledIn(item, apart[place])), equity, ask);
  const differing = h("input", { type: "checkbox", checked: true, onchange: () => drawFigures() });
  const figures = scrolled("Figures side by side");

  function drawFigures() {
    const shown = Object.entries(found.figures).filter(([, each]) => each.differs || !differing.checked);
    const row = ([name, { values, best }]) => {
      const { label, meaning, unit, signed } = words.figures[name];
      return h("tr", {}, h("th", { scope: "row", title: meaning }, label), values.map((value, place) => h("td", { className: best.includes(place) ? `num best ${value < 0 ? "" : "good"}` : "num" }, value === null ? "–" : figureText({ unit, signed }, value), best.includes(place) ? h("span", { className: "unseen" }, " (best)") : null)));
    };
    put(figures, shown.length ? h("table", { "aria-label": "Figures" }, heads(items, apart, "Figure"), h("tbody", {}, shown.map(row))) : "They are the same.");
  }

  put(
    page,
    h("div", { className: "row end" }, h("h1", {}, `Compare ${items.length} results`), h("span", { className: "row" }, h("a", { className: "button", href: address(`/api/compare/csv?ids=${ids}`), download: "" }, "Download (CSV)"), h("a", { className: "button", href: `#/history?chosen=${ids}` }, "Choose others"))),
    overlay.element,
    h("div", { className: "card" }, h("div", { className: "row end" }, h("h2", {}, "Figures"), h("label", { className: "check" }, differing, h("span", {}, "only those that differ")), h("span", { className: "soft small" }, "The best of each stands out.")), figures),
    differences("Settings that differ", items, apart, found.config, settings),
    items.length > 2 ? null : found.first_trade === null ? h("div", { className: "card" }, "Their trades are the same.") : differences(`First trade that differs: number ${found.first_trade + 1}`, items, apart, found.trade, trade),
  );
  drawFigures();
  overlay.start();
  window.perpsim = { ...window.perpsim, compared: overlay.points, overlay };
  return () => overlay.stop();
}

const heads = (items, apart, first) => h("thead", {}, h("tr", {}, h("th", { scope: "col" }, first), items.map((item, place) => h("th", { scope: "col", className: "compared" }, h("a", { href: `#/results/${item.id}`, className: "short", title: item.label ?? "" }, `${item.id}: ${item.label ?? item.program ?? ""}`), apart[place] ? h("span", { className: "soft apart" }, apart[place]) : null))));

// Lists and counts come as how many there are.
const figureText = (how, value) => written(typeof value === "number" && ["rows", "counts"].includes(how.unit) ? { unit: "count" } : how, value);

function differences(title, items, apart, found, known) {
  const rows = Object.entries(found);
  if (!rows.length) return h("div", { className: "card" }, `${title}: none`);
  const cell = (name, value) => h("td", { className: "wrap" }, name === "code" ? h("details", {}, h("summary", {}, "source text"), h("pre", { tabIndex: 0 }, value || "")) : exact(known[name], value));
  return h(
    "div",
    { className: "card" },
    h("h2", {}, title),
    scrolled(`${title}, table`, h("table", { "aria-label": title }, heads(items, apart, "Setting"), h("tbody", {}, rows.map(([name, values]) => h("tr", {}, h("th", { scope: "row", title: name }, known[name]?.label ?? name), values.map((value) => cell(name, value))))))),
  );
}

// A value to its last digit that counts: what differs must be seen to differ.
function exact(how, value) {
  if (typeof value !== "number") return words[how?.words]?.[value] ?? text(value);
  if (how?.unit === "moment") return `${time(value)} UTC`;
  return `${value.toLocaleString("en", { maximumSignificantDigits: 8 })}${how?.unit === "percent" ? "\u00a0%" : ""}`;
}
