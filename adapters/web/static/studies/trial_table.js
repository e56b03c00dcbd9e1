// The trials of a study: sorted, filtered, with the columns of one's choice, and each can be opened as a result.

import { get, post } from "../api.js";
import { h, pagedTable, put, select, settled, toast } from "../dom.js";
import { mainFigures } from "../figures.js";
import { NUMBERS, count, duration, text, tone } from "../format.js";
import { words } from "../vocabulary.js";
import { figureLabel, figureText } from "./study_words.js";

const CHOSEN = "study-columns";
const MOST_MAIN = 4;
const STATES = ["done", "failed", "pruned", "infeasible"];

export function trialTable(study, figures) {
  const holder = h("div");
  const counted = h("span", { className: "soft small" });
  const state = select({ "aria-label": "State", style: "width:auto", onchange: () => table.refresh(true) }, [["", "any state"], ...STATES.map((each) => [each, each])]);
  const search = h("input", { type: "search", placeholder: "Search values", "aria-label": "Search values", style: "width:180px", oninput: settled(() => table.refresh(true), 250) });
  const own = study.metrics.map((metric) => metric.name);
  let chosen = stored() ?? [...new Set([...own, ...mainFigures.filter((name) => figures.includes(name)).slice(0, MOST_MAIN)])];
  let table = null;

  function stored() {
    const found = JSON.parse(localStorage.getItem(CHOSEN) || "null");
    return Array.isArray(found) ? found.filter((name) => figures.includes(name)) : null;
  }

  function choose(name, isOn) {
    chosen = isOn ? [...chosen, name] : chosen.filter((each) => each !== name);
    localStorage.setItem(CHOSEN, JSON.stringify(chosen));
    draw();
  }

  function draw() {
    table = pagedTable({
      label: "Trials",
      size: 25,
      load: async ({ sort, ...page }) => {
        const found = await get(`/api/studies/${study.id}/trials`, { ...page, sort: sort || "number", state: state.value, q: search.value.trim() });
        put(counted, found.total === found.all ? `${count(found.all)} trials` : `${count(found.total)} of ${count(found.all)} trials`);
        return found;
      },
      columns: [
        { title: "Trial", sort: "number", number: true, show: (trial) => count(trial.number) },
        { title: "State", sort: "state", show: (trial) => h("span", { title: trial.error || "", className: trial.error ? "bad" : "" }, trial.notes.window ? `${trial.state}, ${trial.notes.run} ${trial.notes.window}` : trial.state) },
        ...study.parameters.map(({ name }) => ({ title: name, sort: name, wrap: true, show: (trial) => text(trial.values[name]) })),
        ...chosen.map((name) => ({ title: figureLabel(name), sort: name, number: NUMBERS.has(words.figures[name].unit), show: (trial) => h("span", { className: words.figures[name].signed ? tone(trial.figures[name]) : "" }, figureText(name, trial.figures[name])) })),
        { title: "Took", sort: "duration_ms", number: true, show: (trial) => (trial.duration_ms < 60000 ? figureSeconds(trial.duration_ms) : duration(trial.duration_ms)) },
        { title: "Result", show: (trial) => resultOf(study, trial) },
      ],
    });
    put(holder, table.element);
  }

  draw();
  const boxes = figures.map((name) => h("label", { className: "check small" }, h("input", { type: "checkbox", value: name, checked: chosen.includes(name), onchange: (event) => choose(name, event.target.checked) }), figureLabel(name)));
  const element = h(
    "section", { className: "card", "aria-label": "All trials" },
    h("div", { className: "row end" }, h("h2", {}, "Trials ", counted), h("div", { className: "row" }, search, state)),
    h("details", {}, h("summary", {}, "Columns"), h("div", { className: "study-columns" }, boxes)),
    holder,
  );
  return { element, refresh: () => (holder.contains(document.activeElement) ? null : table.refresh()) };
}

const figureSeconds = (ms) => `${(ms / 1000).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })} s`;

// Where the result of a trial is, or a button that makes it one.
export function resultOf(study, trial) {
  const { result } = trial;
  if (result && result.status !== "error") {
    const differs = result.is_same === false ? h("span", { className: "bad small" }, " comes to something else now") : null;
    return [h("a", { href: `#/results/${result.id}` }, `result ${result.id}`), differs];
  }
  if (trial.error && !Object.keys(trial.figures).length) return h("span", { className: "bad small" }, trial.error);
  const button = h("button", { type: "button", "aria-label": `Open trial ${trial.number} as a result`, onclick: () => openTrial(study, trial.number, button) }, "Open");
  return button;
}

export async function openTrial(study, number, button) {
  button.disabled = true;
  try {
    const { id } = await post(`/api/studies/${study.id}/trials/${number}/result`);
    location.hash = `#/results/${id}`;
  } catch (error) {
    toast(error.message);
    button.disabled = false;
  }
}
