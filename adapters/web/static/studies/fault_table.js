// What each fault of a stress test did to the run.

import { get } from "../api.js";
import { h, put, scrolled } from "../dom.js";
import { NUMBERS, count, number, tone } from "../format.js";
import { words } from "../vocabulary.js";
import { resultOf } from "./trial_table.js";
import { figureLabel, figureText } from "./study_words.js";

const MOST = 500;

export function faultTable(study, told) {
  const holder = scrolled("Faults, table");
  const figures = told.filter((name) => words.figures[name]);

  async function refresh() {
    const { items } = await get(`/api/studies/${study.id}/trials`, { limit: MOST });
    const plain = items.find((trial) => trial.number === 0);
    const heads = ["Fault", ...figures.map(figureLabel), "Liquidations", "What it did", "Result"];
    const row = (trial) =>
      h(
        "tr", {},
        h("th", { scope: "row" }, trial.notes.fault ?? "as it is, without a fault"),
        figures.map((name) => h("td", { className: "num" }, figureText(name, trial.figures[name]), trial === plain ? null : change(name, trial, plain))),
        h("td", { className: "num" }, count(trial.notes.liquidations)),
        h("td", { className: trial.error ? "wrap bad" : "wrap" }, trial.notes.effect ?? ""),
        h("td", {}, resultOf(study, trial)),
      );
    put(holder, h("table", { "aria-label": "Faults" }, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, items.map(row))));
  }

  const element = h("section", { className: "card", "aria-label": "Faults" }, h("h2", {}, "What each fault does"), h("p", { className: "soft small" }, "Below each figure stands by how much it differs from the run without a fault."), holder);
  return { element, refresh };
}

function change(name, trial, plain) {
  const [now, before] = [trial.figures[name], plain?.figures[name]];
  if (typeof now !== "number" || typeof before !== "number") return null;
  const { unit, signed } = words.figures[name];
  if (!NUMBERS.has(unit)) return null; // an instant is no amount
  const by = now - before;
  return h("div", { className: `small ${signed ? tone(by) : "soft"}` }, number(by, unit === "count" ? 0 : 2, true));
}
