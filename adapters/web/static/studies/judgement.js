// Whether the best trial is more than luck, what is to be said of the trials, and a robustness card.

import { get } from "../api.js";
import { h, put, scrolled } from "../dom.js";

const TONES = { good: "good", bad: "bad", doubtful: "warn" };

export function judgement(study) {
  const holder = h("div");

  async function refresh() {
    const { verdict, rows, remarks, card } = await get(`/api/studies/${study.id}/judgement`);
    put(
      holder,
      card ? cardLines(card) : null,
      verdict ? luck(verdict, rows) : null,
      remarks.length ? h("section", { className: "card warnings", "aria-label": "Remarks" }, h("ul", {}, remarks.map((each) => h("li", {}, each)))) : null,
    );
  }

  holder.className = "parts";
  return { element: holder, refresh };
}

function luck(verdict, rows) {
  return h(
    "section", { className: "card", "aria-label": "More than luck?" },
    h("h2", {}, "Is the best more than luck?"),
    h("p", {}, verdict),
    scrolled("Statistics of selection, table", h("table", { "aria-label": "Statistics of selection" }, h("tbody", {}, rows.map(({ label, value, meaning }) => h("tr", {}, h("th", { scope: "row" }, label), h("td", { className: "num" }, value), h("td", { className: "wrap soft" }, meaning)))))),
  );
}

const badge = (verdict) => h("span", { className: `badge ${TONES[verdict] ?? "soft"}` }, verdict);

function cardLines({ title, verdict, reason, runs, lines }) {
  return h(
    "section", { className: "card", "aria-label": "Robustness card" },
    h("h2", {}, "Robustness card ", badge(verdict)),
    h("p", {}, reason, h("span", { className: "soft small" }, ` ${title}, ${runs.toLocaleString("en")} runs`)),
    scrolled("Lines of the card, table", h("table", { "aria-label": "Lines of the card" }, h("tbody", {}, lines.map((line) => h("tr", {}, h("th", { scope: "row", title: line.meaning }, line.title), h("td", { className: "wrap" }, line.value), h("td", {}, badge(line.verdict)), h("td", { className: "wrap soft" }, line.reason)))))),
  );
}
