// A study: how far it is, and what it came to.

import { get, post } from "../api.js";
import { certificateOf } from "../certificate.js";
import { h, put, showText, toast } from "../dom.js";
import { count, duration, time } from "../format.js";
import { faultTable } from "../studies/fault_table.js";
import { heatMap } from "../studies/heat_map.js";
import { judgement } from "../studies/judgement.js";
import { runningStudy } from "../studies/running_study.js";
import { configurationOf } from "../studies/shown_configuration.js";
import { bestText, studyForm } from "../studies/study_words.js";
import { openTrial, trialTable } from "../studies/trial_table.js";
import { walkWindows } from "../studies/walk_windows.js";

const AGAIN_MS = 3000;

export async function showStudy(page, id) {
  const form = await studyForm();
  let leave = [];
  const left = () => leave.splice(0).forEach((each) => each());

  async function draw() {
    const study = await get(`/api/studies/${id}`);
    left();
    const parts = partsOf(study, form);
    const refresh = () => Promise.all(parts.map((part) => part.refresh?.()));
    let due = 0;
    let done = 0;
    const onMore = (data) => {
      if (data.done === done || performance.now() < due) return;
      [done, due] = [data.done, performance.now() + AGAIN_MS];
      refresh();
    };
    const running = study.progress ? runningStudy(study, onMore, over) : null;
    put(page, heading(study, form), running?.element, study.error ? failed(study) : null, running ? null : outcome(study, draw), parts.map((part) => part.element), configuration(study));
    leave = [running?.close, ...parts.map((part) => part.leave)].filter(Boolean);
    if (!running || study.done) await refresh();
    window.perpsim = { ...window.perpsim, study };
  }

  // The last event can come a moment before the row says so.
  async function over() {
    for (let attempt = 0; attempt < 50 && page.isConnected; attempt += 1) {
      const { status } = await get(`/api/studies/${id}`);
      if (status !== "running") break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    if (page.isConnected) await draw();
  }

  await draw();
  return left;
}

// What is shown of a kind, in order.
function partsOf(study, { figures, told }) {
  const isVaried = study.parameters.length > 0 && study.kind !== "walk-forward";
  const judged = judgement(study);
  return {
    stress: () => [faultTable(study, told)],
    certificate: () => [certificate(study)],
    card: () => [judged],
    "walk-forward": () => [walkWindows(study), judged, trialTable(study, figures)],
  }[study.kind]?.() ?? [isVaried ? heatMap(study, figures) : null, judged, trialTable(study, figures)].filter(Boolean);
}

function heading(study, { kinds }) {
  const title = kinds.find((each) => each.kind === study.kind)?.title ?? study.kind;
  const range = `${time(study.start_time)} to ${time(study.end_time)} UTC`;
  return h(
    "div", { className: "row end" },
    h("div", {}, h("h1", {}, `${title} of ${study.program ?? "a program"} `, h("span", { className: `badge ${study.status}` }, study.status)), h("div", { className: "soft" }, `Study ${study.id}${study.label ? `, ${study.label}` : ""} · ${study.exchange}: ${study.symbols.join(", ")} · ${range}`)),
    h("div", { className: "row" }, h("a", { className: "button", href: `#/studies/new?kind=${study.kind}&study=${study.id}` }, "Change and run again"), h("a", { className: "button", href: "#/studies" }, "All studies")),
  );
}

function failed(study) {
  return h("div", { className: "card warnings", role: "alert" }, h("b", {}, "It ended with an error: "), h("span", { className: "bad" }, study.error));
}

function outcome(study, draw) {
  const isOne = study.planned === 1;
  const many = study.planned === null ? count(study.done) : `${count(study.done)} of ${count(study.planned)}`;
  const trials = isOne ? (study.done ? "It is done" : "It did not come to its end") : `${many} trials are done`;
  const done = `${trials}${study.failed ? `, of which ${count(study.failed)} failed` : ""}, in ${duration(study.duration_s * 1000)}`;
  const kept = study.status === "completed" || study.error ? "" : "; it was cancelled or its server ended, and what was done is kept";
  const values = study.best ?? {};
  const isShown = study.best_number !== null && study.parameters.length > 0;
  const open = h("button", { type: "button", className: "primary", onclick: () => openTrial(study, study.best_number, open) }, "Open the best as a result");
  return h(
    "div", { className: "card row end", id: "outcome" },
    h("div", {}, isShown ? h("div", {}, "Best: ", h("b", {}, bestText({ figure: study.metric, value: study.best_value, values })), ` in trial ${count(study.best_number)}`) : null, h("div", { className: "soft" }, `${done}${kept}.`)),
    h("div", { className: "row" }, study.can_go_on ? goOn(study, draw) : null, isShown ? open : null),
  );
}

// What a study lacks is run, in its turn; what is stored of it stays.
function goOn(study, draw) {
  async function resume() {
    button.disabled = true;
    try {
      await post(`/api/studies/${study.id}/resume`);
      await draw();
    } catch (error) {
      toast(error.message);
      button.disabled = false;
    }
  }

  const button = h("button", { type: "button", id: "go-on", title: study.done ? "Runs only what it lacks" : "Runs it from its beginning", onclick: resume }, "Go on");
  return button;
}

function certificate(study) {
  const element = h("section", { className: "card", "aria-label": "Checks" });

  async function refresh() {
    if (study.result === null) return put(element, h("p", { className: "empty" }, "The back-test has not run to its end yet."));
    const link = h("p", {}, "It is of ", h("a", { href: `#/results/${study.result}` }, `back-test ${study.result}`), ".");
    const { certificate: found } = await get(`/api/backtests/${study.result}`);
    return put(element, found?.checks ? certificateOf(found) : h("p", { className: "empty" }, "Its checks are not done."), link);
  }

  return { element, refresh };
}

function configuration(study) {
  return h(
    "details", { className: "card" },
    h("summary", {}, "Configuration"),
    configurationOf(study.config),
    h("button", { type: "button", onclick: () => showText("Configuration", JSON.stringify(study.config, null, 2)) }, "As JSON"),
  );
}
