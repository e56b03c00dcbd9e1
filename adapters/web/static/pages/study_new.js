// A new study: of which kind, of what configuration, and what it means in runs and time before it starts.

import { get, post } from "../api.js";
import { h, put, settled, toast } from "../dom.js";
import { asWritten } from "../fields.js";
import { settings } from "../figures.js";
import { draftOf } from "../form/draft_places.js";
import { count, duration } from "../format.js";
import { AskedField } from "../studies/asked_fields.js";
import { configurationOf } from "../studies/shown_configuration.js";
import { studyForm } from "../studies/study_words.js";
import { words } from "../vocabulary.js";

const FORM = "#/new";
const FIRST = "sweep";
const all = words.fields.flatMap((group) => group.fields);
const PARAMETERS = all.find((each) => each.kind === "table").name;

export async function showNewStudy(page, query = "") {
  const asked = new URLSearchParams(query);
  const [{ kinds, figures }, origin] = await Promise.all([studyForm(), originOf(asked)]);
  const config = runnable(origin.config);
  if (!config.code) return missing(page, origin);
  const holder = h("div", { className: "parts" });
  const about = h("p", { className: "soft" });
  const list = h("ul", { className: "problems", "aria-live": "polite" });
  const amount = h("p", { id: "amount", "aria-live": "polite" });
  const start = h("button", { type: "button", className: "primary", id: "start-study", disabled: true, onclick: run }, "Start");
  const changed = settled(check, 400);
  const choices = kinds.map(({ kind, title }) => h("label", { className: "check" }, h("input", { type: "radio", name: "kind", value: kind, onchange: () => choose(kind) }), title));
  let chosen = null;
  let fields = [];
  let checks = 0;

  function choose(kind) {
    const found = kinds.find((each) => each.kind === kind) ?? kinds[0];
    chosen = found.kind;
    for (const each of choices) each.firstChild.checked = each.firstChild.value === chosen;
    put(about, found.about);
    const around = { figures, kind: chosen, onChange: changed, known: Object.keys(config[PARAMETERS] ?? {}), given: origin.given };
    fields = found.fields.map((field) => new AskedField(field, around));
    const isLong = (field) => ["table"].includes(field.field.shape) || field.field.name === "metrics";
    put(holder, fields.filter(isLong).map((each) => each.element), h("div", { className: "fields wide" }, fields.filter((each) => !isLong(each)).map((each) => each.element)));
    check();
  }

  const body = () => ({ kind: chosen, config, ...Object.fromEntries(fields.map((each) => [each.field.name, each.value]).filter(([, value]) => value !== undefined)) });

  async function check() {
    if (!page.contains(holder)) return;
    const number = (checks += 1);
    const verdict = await post("/api/studies/validate", body()).catch((error) => ({ valid: false, problems: error.problems?.length ? error.problems : [{ message: error.message }] }));
    if (number !== checks) return; // the answer to what was there before
    show(verdict.problems);
    start.disabled = !verdict.valid;
    put(amount, verdict.valid ? amountText(verdict) : "Not ready to run yet.");
  }

  function show(problems) {
    const names = fields.map((each) => each.field.name);
    for (const each of fields) each.mark(problems.filter((problem) => problem.field === each.field.name).map((problem) => problem.message));
    const others = problems.filter((problem) => !names.includes(problem.field));
    put(list, others.map(({ severity, field, line, message }) => h("li", { className: severity === "warning" ? "soft" : "bad" }, h("b", {}, line ? `line ${line}` : (settings[field]?.label ?? field ?? "")), ` ${message}`)));
  }

  async function run() {
    start.disabled = true;
    try {
      const { id } = await post("/api/studies", body());
      location.hash = `#/studies/${id}`;
    } catch (error) {
      show(error.problems ?? []);
      toast(error.message);
      start.disabled = false;
    }
  }

  put(
    page,
    h("div", { className: "row end" }, h("h1", {}, "New study"), h("a", { className: "button", href: "#/studies" }, "All studies")),
    h(
      "form", { className: "two", "aria-label": "Study", oninput: changed, onchange: changed, onsubmit: (event) => event.preventDefault() },
      h("div", { className: "card" }, h("fieldset", { "aria-label": "Kind" }, h("legend", {}, "Kind"), h("div", { className: "row" }, choices)), about, holder, list, amount, h("div", { className: "row" }, start)),
      h("div", { className: "card" }, h("h2", {}, "What is run"), origin.about, configurationOf(config, true)),
    ),
  );
  choose(asked.get("kind") ?? FIRST);
}

// Where the configuration comes from: a stored result, a study, or the form of a new back-test as it is now.
async function originOf(asked) {
  const [from, study] = [asked.get("from"), asked.get("study")];
  if (from) {
    const { config, study: trialOf } = await get(`/api/backtests/${Number(from)}`, {}, asWritten);
    return { config, given: { study: trialOf?.id }, change: `#/new/${Number(from)}`, about: h("p", {}, "The configuration of ", h("a", { href: `#/results/${Number(from)}` }, `back-test ${Number(from)}`)) };
  }
  if (study) {
    const { config, parameters } = await get(`/api/studies/${Number(study)}`, {}, asWritten);
    const given = { study: parameters.length ? Number(study) : undefined, over: listed(parameters.filter((each) => !each.is_field)), vary: listed(parameters.filter((each) => each.is_field && each.name in settings)) };
    return { config, given, change: "#/new", about: h("p", {}, "The configuration of ", h("a", { href: `#/studies/${Number(study)}` }, `study ${Number(study)}`)) };
  }
  const draft = draftOf(FORM);
  const config = draft ? JSON.parse(draft.text, asWritten).values : {};
  return { config, given: {}, change: "#/new", about: h("p", {}, "The configuration of ", h("a", { href: "#/new" }, "a new back-test"), ", as it is there now") };
}

const listed = (parameters) => Object.fromEntries(parameters.filter((each) => each.values).map((each) => [each.name, each.values.map((value) => JSON.stringify(value)).join(", ")]));

// A configuration without what no request can carry: classes and objects of Python.
function runnable(config) {
  const objects = all.filter((each) => each.kind === "object").map((each) => each.name);
  return Object.fromEntries(Object.entries(config).filter(([name]) => !objects.includes(name)));
}

function missing(page, origin) {
  put(page, h("h1", {}, "New study"), h("div", { className: "card empty" }, h("p", {}, "There is no program here that a study could run."), h("a", { className: "button", href: origin.change }, "Write one, and run it once")));
}

function amountText({ runs, seconds, measured }) {
  const many = h("b", {}, runs === 1 ? "1 run" : `about ${count(runs)} runs`);
  if (seconds === null) return [many, "; how long they take is not known: no run of this program is stored."];
  return [many, ", about ", h("b", {}, duration(Math.max(seconds, 1) * 1000)), h("span", { className: "soft small" }, ` as ${measured} tells`), "."];
}
