// Signal pools: the stored ones, an editor of one, and when it would have fired.

import { get, patch, post, remove } from "../api.js";
import { h, put, toast, unseen } from "../dom.js";
import { Draft } from "../form/draft.js";
import { letGo, takePlace } from "../form/draft_places.js";
import { count, time } from "../format.js";
import { startOf } from "../pools/conditions.js";
import { PoolEditor } from "../pools/pool_editor.js";
import { PoolPreview } from "../pools/pool_preview.js";

export async function showPools(page) {
  const [forms, { series }] = await Promise.all([get("/api/pools/conditions"), get("/api/symbols")]);
  const preview = new PoolPreview(series);
  const list = h("div", { className: "card" });
  const editing = h("div", {});
  const undone = h("p", { role: "status", className: "small" });
  let stored = null;
  let draft = null; // of the pool that is edited
  let turn = 0;

  async function refresh() {
    stored = await get("/api/pools");
    const more = stored.total > stored.pools.length && h("p", { className: "soft small" }, `The newest ${count(stored.pools.length)} of ${count(stored.total)} pools.`);
    put(list, stored.pools.length ? table() : h("p", { className: "empty" }, "No pools are stored yet: make one below, or with perpsim signals."), more, undone);
  }

  function table() {
    const heads = ["Id", "Name", "Signals", "Exchange", "Symbols", "Enabled", unseen("What can be done")];
    return h("div", { className: "scroll" }, h("table", { "aria-label": "Signal pools" }, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, stored.pools.map(row))));
  }

  function row(pool) {
    const enabled = h("input", { type: "checkbox", "aria-label": `Pool ${pool.id} enabled`, checked: pool.enabled, onchange: () => doing(() => patch(`/api/pools/${pool.id}`, { enabled: enabled.checked })) });
    const isBad = pool.problems.length > 0;
    const button = (text, action, disabled = false, more = "") => h("button", { type: "button", className: `small ${more}`, disabled, "aria-label": `${text} pool ${pool.id}`, onclick: action }, text);
    return h(
      "tr", { id: `pool-${pool.id}` }, h("td", {}, pool.id), h("td", { className: "wrap" }, pool.name),
      h("td", { className: isBad ? "bad wrap" : "wrap" }, isBad ? pool.problems.join("; ") : pool.signals.join(` ${pool.logic} `), pool.warnings.length > 0 && h("div", { className: "warn small" }, pool.warnings.join("; "))),
      h("td", {}, pool.exchange), h("td", { className: "wrap" }, pool.symbols.join(", ") || "all"), h("td", {}, enabled),
      h(
        "td", {}, h("div", { className: "row", style: "flex-wrap:nowrap;gap:6px" },
          button("Preview", () => preview.choose(pool).then(() => preview.element.scrollIntoView({ block: "start" })), isBad),
          button("Edit", () => edit(opened(pool)), !pool.is_editable), button("Duplicate", () => edit(doubled(pool)), !pool.is_editable),
          button("Delete", () => erase(pool), false, "danger")),
      ),
    );
  }

  const toRow = (id) => list.querySelector(`#pool-${id} button:enabled`)?.focus();

  async function doing(action) {
    try {
      await action();
      put(undone);
    } catch (error) {
      put(undone, h("span", { className: "bad" }, error.message));
    }
    await refresh();
  }

  async function erase(pool) {
    await doing(() => remove(`/api/pools/${pool.id}`));
    const back = () => doing(() => post(`/api/pools/${pool.id}/restore`, {})).then(() => toRow(pool.id));
    const undo = h("button", { type: "button", className: "small", id: "undo", onclick: back }, "Undo");
    put(undone, `Pool ${pool.id}, ${pool.name}, is deleted. `, undo);
    undo.focus();
  }

  function opened(pool) {
    const drafts = pool.members.map((id) => stored.signals.find((each) => each.id === id) ?? { id, name: "", description: "", enabled: true, condition: null, isMissing: true, problem: `Signal ${id} is not stored any more: remove it from the pool.` });
    return { ...pool, drafts };
  }

  // A copy has signals of its own, so that its thresholds are its own, too.
  function doubled(pool) {
    const drafts = opened(pool).drafts.filter((each) => !each.isMissing).map(({ name, description, enabled, condition }) => ({ name, description, enabled, condition }));
    return { ...pool, id: null, revision: null, name: `${pool.name} (copy)`.slice(0, 100), drafts };
  }

  function fresh() {
    const condition = startOf(forms.kinds.find((kind) => kind.name === "indicator"));
    return { name: "", logic: "OR", enabled: true, exchange: preview.exchange.value || "hyperliquid", symbols: [], drafts: [{ name: "", description: "", enabled: true, condition }] };
  }

  // A draft of it is taken up where there is one; it ends when the pool is saved, or closed without that.
  async function edit(pool) {
    const mine = ++turn;
    left();
    await loaded;
    const place = await takePlace(`#/pools/${pool.id ?? "new"}`);
    if (mine !== turn) {
      letGo(place);
      return;
    }
    draft = new Draft(place, () => JSON.stringify(editor.body), (isThere, problem) => problem && toast(problem));
    const { kept } = draft;
    const editor = new PoolEditor(kept ? redrafted(pool, JSON.parse(kept.text)) : pool, {
      forms, signals: stored.signals, poolId: pool.id, exchanges: preview.exchanges, range: () => preview.range,
      preview: (draft) => preview.choose(draft),
      onChange: () => draft?.touch(),
      close: ended,
      async saved({ id, warnings }) {
        ended();
        await refresh();
        toRow(id);
        toast([`Pool ${id} is saved`, ...warnings].join("; "));
      },
    });
    draft.begin(kept ? null : JSON.stringify(editor.body));
    const again = () => {
      draft.discard();
      edit(pool);
    };
    put(editing, kept && h("p", { role: "status", className: "row tight soft small" }, `Your draft of ${time(kept.at)} UTC is restored. `, h("button", { type: "button", onclick: again }, "Discard draft")), editor.element);
    editor.name.focus();
    window.perpsim = { ...window.perpsim, editor };
  }

  // A pool as a draft of it has it: the draft names stored signals, and says of the others all.
  function redrafted(pool, { revision = null, signals, ...said }) {
    const known = [...stored.signals, ...pool.drafts.filter((each) => each.id)];
    return { ...pool, ...said, revision, drafts: signals.map((each) => ({ name: "", description: "", enabled: true, condition: null, ...known.find(({ id }) => id && id === each.id), ...each })) };
  }

  function ended() {
    draft.discard();
    left();
    put(editing);
  }

  function left() {
    draft?.close();
    draft = null;
  }

  put(page, h("div", { className: "row end" }, h("h1", {}, "Signal pools"), h("button", { type: "button", id: "new-pool", onclick: () => edit(fresh()) }, "New pool")), list, editing, preview.element);
  const loaded = refresh();
  await loaded;
  if (!stored.pools.length) await edit(fresh());
  return () => {
    turn += 1;
    left();
    preview.leave();
  };
}
