// New back-test: program, configuration, check, run.

import { get, post } from "../api.js";
import { copy, h, put, settled, toast } from "../dom.js";
import { asWritten } from "../fields.js";
import { agreed } from "../form/agreed.js";
import { differences } from "../form/differences.js";
import { Draft } from "../form/draft.js";
import { takePlace } from "../form/draft_places.js";
import { offeredDrafts } from "../form/offered_drafts.js";
import { finder } from "../form/finder.js";
import { Form } from "../form/form.js";
import { ProgramBar } from "../form/program_bar.js";
import { time } from "../format.js";
import { noData } from "../data/no_data.js";
import { readButton, saveText } from "../programs/text_file.js";

export async function showNew(page, from, query = "") {
  const opened = new URLSearchParams(query).get("program");
  const [place, { series }, { pools }, earlier, program] = await Promise.all([
    takePlace(address(from, opened)),
    get("/api/symbols"),
    get("/api/pools"),
    from ? get(`/api/backtests/${from}`, {}, asWritten) : null,
    opened ? get(`/api/programs/${Number(opened)}`) : null,
  ]);
  let isFilled = false;
  let told = []; // what of an opened file could not be taken
  const form = new Form(series, pools, earlier ? earlier.config : {}, changed);
  const bar = new ProgramBar(form, changed);
  if (program) bar.open(program);
  const begun = { values: form.values(), quiet: false, kept: bar.state, told };

  const { editor } = form.program.widget;
  const list = h("ul", { className: "problems", "aria-live": "polite" });
  const quiet = h("input", { type: "checkbox", id: "all-triggers" });
  const draft = new Draft(place, () => JSON.stringify({ values: form.values(), quiet: quiet.checked, kept: bar.state, told }), tellDraft);
  const banner = h("div", { id: "draft", className: "row tight", role: "status" });
  const offers = offeredDrafts(address(from, opened));
  const find = finder(form);
  const changes = earlier ? differences(form, earlier) : null;
  const run = h("button", { type: "button", className: "primary", id: "run", onclick: start }, "Run back-test");
  const toml = h("button", { type: "button", id: "toml", onclick: () => withToml(copy) }, "Copy as TOML");
  const save = h("button", { type: "button", onclick: () => withToml((text) => saveText("backtest.toml", text)) }, "Save TOML");
  const open = readButton({ title: "Open TOML", accept: ".toml", take: takeToml });
  const keep = h("label", { className: "check soft small", title: "Store a row for triggers of which nothing came, too: about 0.5 kB each" }, quiet, "keep quiet triggers");
  const [head, ...others] = form.groups;
  let checks = 0;
  const check = settled(() => checked().catch((error) => toast(error.message)), 400);

  form.program.element.prepend(bar.element);
  form.program.element.append(list);
  put(
    page,
    h("div", { className: "row end" }, h("h1", {}, "New back-test"), h("div", { className: "row" }, keep, open, save, toml, run)),
    noData(series),
    offers.element,
    changes?.element,
    h("div", { className: "row end" }, find.element, banner),
    h(
      "form",
      { className: "two", onsubmit: (event) => event.preventDefault(), oninput: changed, onchange: changed, "aria-label": "Configuration" },
      h("div", { className: "card" }, head.element),
      h("div", { className: "card" }, others.map((each) => each.element)),
    ),
  );
  quiet.addEventListener("change", changed);
  const { kept } = draft;
  if (kept) restore(kept);
  isFilled = true;
  refresh();
  form.takeUsable((await validated(begun.values)).range ?? null);
  draft.begin(untouched());
  await checked();
  window.perpsim = { ...window.perpsim, editor, form, draft };
  return () => {
    offers.close();
    draft.close();
  };

  function untouched() {
    return JSON.stringify({ ...begun, values: form.completed(begun.values) });
  }

  function changed() {
    if (!isFilled) return;
    draft.touch();
    check();
    refresh();
  }

  function refresh() {
    bar.tell();
    form.groups.forEach((group) => group.tellChanges());
    find.refresh();
    changes?.refresh();
  }

  async function validated(values = form.values()) {
    return post("/api/configurations/validate", values).catch((error) => ({ problems: error.problems || [], message: error.message }));
  }

  async function checked(isAgain = false) {
    const number = (checks += 1);
    const verdict = await validated();
    if (number !== checks || !list.isConnected) return verdict; // the answer to what was there before may come later
    if (form.takeUsable(verdict.range ?? form.usable) && !isAgain) return checked(true); // with the range that it has now
    show(verdict.problems, verdict.message);
    return verdict;
  }

  function show(problems, message) {
    editor.mark(problems);
    form.mark(problems);
    const place = (problem) => h("button", { type: "button", onclick: () => goTo(problem) }, problem.line ? `line ${problem.line}` : problem.field || "all");
    const items = problems.map((each) => h("li", { className: each.severity === "error" ? "bad" : "soft" }, place(each), ` ${each.message}`));
    const left = told.map((each) => h("li", { className: "bad" }, `${each} `, h("button", { type: "button", onclick: () => setAside(each) }, "Set aside")));
    put(list, left, items.length || !message ? items : h("li", { className: "bad" }, `Not checked: ${message}`));
  }

  function setAside(one) {
    told = told.filter((each) => each !== one);
    changed();
  }

  function goTo(problem) {
    find.clear();
    form.goTo(problem);
  }

  // What cannot be run is not started: its first error is gone to. What could not be checked is started where that is
  // agreed to.
  async function start() {
    run.disabled = true;
    try {
      const verdict = await checked();
      const wrong = form.inOrder(verdict.problems.filter((each) => each.severity === "error"));
      if (wrong.length) {
        toast(`Not started: ${wrong.length === 1 ? "a problem" : `${wrong.length} problems`}. ${wrong[0].field || ""}: ${wrong[0].message}`);
        goTo(wrong[0]);
        return;
      }
      const isUnchecked = verdict.message && !verdict.problems.length;
      if (isUnchecked && !(await agreed("Not checked", `Whether this can be run could not be found out: ${verdict.message}`, "Start it unchecked"))) return;
      draft.flush();
      const { id } = await post(`/api/backtests${quiet.checked ? "?all_triggers=true" : ""}`, form.values());
      if (from) draft.discard(); // what differs from the earlier run is a run of its own now
      location.hash = `#/results/${id}`;
    } catch (error) {
      show(error.problems || [], error.message);
      toast(error.message);
    } finally {
      run.disabled = false;
    }
  }

  async function withToml(use) {
    const verdict = await checked();
    if (verdict.toml) await use(verdict.toml);
    else toast(verdict.message || "This cannot be written as TOML; see the list of problems");
  }

  async function takeToml(name, text) {
    try {
      const { values, problems } = await post("/api/configurations/read", { toml: text });
      form.fill({ ...form.values(), ...values });
      bar.take(null);
      told = problems.map((each) => `${name}: ${[each.field, each.message].filter(Boolean).join(": ")}`);
      changed();
      toast(problems.length ? `${name} is read, but not all of it: see the problems` : `${name} is read`);
    } catch (error) {
      toast(error.message);
    }
  }

  function fillFrom(text) {
    const state = JSON.parse(text, asWritten);
    form.fill(state.values);
    quiet.checked = state.quiet;
    bar.take(state.kept);
    told = state.told ?? []; // older drafts have none
  }

  function restore({ text, at }) {
    fillFrom(text);
    tellDraft(true, `Your draft of ${time(at)} UTC is restored. `);
  }

  function discard() {
    draft.discard();
    fillFrom(draft.untouched ?? untouched());
    put(banner);
    refresh();
    check();
  }

  function tellDraft(isThere, message = "Kept as a draft in this browser. ") {
    const hadFocus = banner.contains(document.activeElement);
    const button = h("button", { type: "button", onclick: discard }, "Discard draft");
    if (isThere) put(banner, h("span", { className: "soft small" }, message), button);
    else put(banner, message.startsWith("Kept") ? null : h("span", { className: "bad" }, message));
    if (isThere && hadFocus) button.focus();
  }
}

const address = (from, opened) => (from ? `#/new/${from}` : opened ? `#/new?program=${opened}` : "#/new");
