// The stored back-tests: sorted, filtered, named, deleted, and some of them to compare.

import { address, get, given } from "../api.js";
import { enable, h, put, settled, toast } from "../dom.js";
import { inSight } from "../figures.js";
import { count } from "../format.js";
import { noData } from "../data/no_data.js";
import { chooseColumns } from "../desk/column_choice.js";
import { Deleting } from "../desk/deleting.js";
import { DeskTable } from "../desk/desk_table.js";
import { filters } from "../desk/filters.js";
import { notedElsewhere } from "../desk/notes.js";
import { MOST_COMPARED, asked, isFiltered, keepColumns, readAddress, writeAddress } from "../desk/list_address.js";

const SIZE = 50;
const MOST_PARAMETERS = 3; // so many that differ are shown where nobody has chosen columns
const [SOON_MS, LATER_MS] = [2000, 15000]; // while runs go on, and while none does

export async function showHistory(page, query) {
  const view = readAddress(query);
  let choices = await get("/api/desk");
  let turn = 0;
  let isGone = false;
  let timer = null;

  const known = () => [...choices.columns, ...choices.further_columns.map(({ value }) => ({ key: value, label: value, unit: "size", of: value.slice(value.indexOf(".") + 1) }))];
  const columns = () => {
    const chosen = view.columns.map((key) => known().find((column) => column.key === key)).filter(Boolean);
    if (chosen.length) return chosen;
    const [usual, parameters] = [inSight(choices.columns.filter((column) => column.is_shown), 1), differing()];
    return [...usual.slice(0, 3), ...parameters, ...usual.slice(3)];
  };
  // The parameters of programs in which the results of this page differ.
  const differing = () => {
    const items = draw.found?.items ?? [];
    return known().filter((column) => column.of && new Set(items.map((item) => JSON.stringify(item.parameters[column.of] ?? null))).size > 1).slice(0, MOST_PARAMETERS);
  };
  const deleting = new Deleting(async (back = []) => {
    await refresh(true);
    table.rows.get(back[0])?.focus();
  });
  const table = new DeskTable({
    open: (id) => (view.deleted ? toast("Bring it back to open it") : (location.hash = `#/results/${id}`)),
    choose,
    sort: (key) => {
      Object.assign(view, { descending: view.sort === key ? !view.descending : true, sort: key, offset: 0 });
      refresh();
    },
    noted: () => refresh(true),
  });

  const search = h("input", { type: "search", value: view.q, maxLength: 100, placeholder: "Search name, note, tag, program, setting or id", "aria-label": "Search", oninput: () => ((view.q = search.value), later()) });
  const later = settled(() => changed(), 250);
  const compare = h("button", { type: "button", id: "compare", onclick: () => (location.hash = `#/compare?ids=${[...view.chosen].join(",")}`) });
  const remove = h("button", { type: "button", id: "delete", className: "danger", onclick: async () => (await deleting.delete([...view.chosen])) && clear() });
  const bringBack = h("button", { type: "button", id: "bring-back", onclick: async () => (await deleting.bringBack([...view.chosen]), clear()) });
  const file = h("a", { className: "button", download: "" }, "Download (CSV)");
  const none = h("button", { type: "button", className: "quiet", onclick: () => clear() }, "Choose none");
  const counted = h("span", { id: "counted", className: "soft", role: "status" });
  const trash = h("button", { type: "button", id: "deleted", className: "quiet", onclick: () => ((view.deleted = view.deleted ? "" : "true"), clear(), changed()) });
  const back = h("button", { type: "button", onclick: () => move(-SIZE) }, "‹ Previous");
  const forth = h("button", { type: "button", onclick: () => move(SIZE) }, "Next ›");
  const where = h("span", { className: "soft small" });
  const pager = h("div", { className: "row", style: "margin-top:8px" }, back, forth, where);
  const narrowing = h("details", { className: "narrowing", open: isFiltered(view) && !view.q }, h("summary", {}, "Filter"));
  const everything = h("button", { type: "button", className: "quiet", onclick: () => (location.hash = `#/history?all=${Date.now()}`) }, "Show all");

  function choose(ids, isOn) {
    for (const id of ids) {
      if (isOn) view.chosen.add(id);
      else view.chosen.delete(id);
    }
    draw();
  }

  function clear() {
    view.chosen.clear();
    draw();
  }

  function changed() {
    view.offset = 0;
    refresh();
  }

  function move(by) {
    view.offset = Math.max(0, view.offset + by);
    refresh();
  }

  // Asks anew and draws what has changed. With `everywhere` also what can be chosen among.
  async function refresh(everywhere = false) {
    clearTimeout(timer);
    const mine = (turn += 1);
    writeAddress(view);
    try {
      const [found, further] = await Promise.all([get("/api/backtests", { ...asked(view), limit: SIZE }), everywhere ? get("/api/desk") : choices]);
      if (mine !== turn || isGone) return; // a later question has been asked meanwhile, or the page was left
      if (everywhere) choices = further;
      draw.found = found;
      draw();
    } catch (error) {
      if (mine !== turn || isGone) return;
      draw();
      put(counted, h("span", { className: "bad" }, error.message));
    }
    if (mine === turn) plan();
  }

  function plan() {
    clearTimeout(timer);
    if (isGone || document.hidden) return;
    const goesOn = draw.found?.under_way || draw.found?.items.some((item) => ["waiting", "running"].includes(item.state));
    timer = setTimeout(() => refresh(), goesOn ? SOON_MS : LATER_MS);
  }

  function draw() {
    drawTools();
    const found = draw.found;
    if (!found) return;
    if (found.total && view.offset >= found.total) return move(-SIZE);
    table.show(found.items, columns(), view);
    const last = Math.min(view.offset + SIZE, found.total);
    put(counted, `${count(found.total)} of ${count(found.stored)} ${view.deleted ? "deleted " : ""}results${found.under_way ? `, ${count(found.under_way)} under way` : ""}`);
    put(where, found.total ? `${count(view.offset + 1)} to ${count(last)} of ${count(found.total)}` : "");
    pager.hidden = found.total <= SIZE;
    enable(back, forth, view.offset, last < found.total);
    writeAddress(view);
  }

  function drawTools() {
    const chosen = view.chosen.size;
    compare.disabled = chosen < 2 || chosen > MOST_COMPARED;
    put(compare, chosen > MOST_COMPARED ? `Compare at most ${MOST_COMPARED} (${count(chosen)} chosen)` : chosen < 2 ? `Compare (choose 2 or more, ${chosen} chosen)` : `Compare ${chosen}`);
    put(remove, `Delete ${count(chosen)}`);
    put(bringBack, `Bring back ${count(chosen)}`);
    compare.hidden = Boolean(view.deleted);
    remove.hidden = Boolean(view.deleted) || !chosen;
    bringBack.hidden = !view.deleted || !chosen;
    none.hidden = !chosen;
    everything.hidden = !isFiltered(view) && draw.found !== undefined;
    trash.hidden = !view.deleted && !choices.deleted;
    put(trash, view.deleted ? "Back to the results" : `Deleted: ${count(choices.deleted)}`);
    file.href = address(`/api/desk/csv?${new URLSearchParams(given({ ...asked(view), offset: null, columns: columns().map((column) => column.key) }))}`);
  }

  const columnButton = h("button", {
    type: "button",
    onclick: () =>
      chooseColumns(known(), columns().map((column) => column.key), (chosen) => {
        view.columns = chosen;
        keepColumns(chosen);
        draw();
      }),
  }, "Columns");
  const nothing = h("div", {});
  narrowing.append(filters(view, choices, changed));
  put(
    page,
    h("div", { className: "row end" }, h("h1", {}, "Results"), h("div", { className: "row desk-tools" }, search, columnButton, file, compare, remove, bringBack, none)),
    nothing,
    deleting.element,
    h("div", { className: "card" }, narrowing, h("div", { className: "row end" }, counted, h("span", {}, everything, trash)), table.element, pager),
  );
  const seen = () => (document.hidden ? clearTimeout(timer) : refresh());
  document.addEventListener("visibilitychange", seen);
  const unhear = notedElsewhere(() => document.hidden || refresh(true));
  await refresh();
  if (draw.found?.stored === 0) put(nothing, noData((await get("/api/symbols")).series));
  return () => {
    isGone = true;
    unhear();
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", seen);
  };
}
