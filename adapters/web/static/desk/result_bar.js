// What is noted of the result that is shown, its files, and deleting it: above its page.

import { address, get } from "../api.js";
import { h, put } from "../dom.js";
import { showResult } from "../result.js";
import { words } from "../vocabulary.js";
import { Deleting } from "./deleting.js";
import { nameOf, noteOf, notedElsewhere, starOf, tagsOf } from "./notes.js";

const LOOK_MS = 2000;

export async function showResultWithNotes(page, id, ...rest) {
  const bar = h("div", { className: "card desk-bar", role: "region", "aria-label": "Notes and files" });
  const inner = h("div", { style: "display:grid;gap:16px;min-width:0" });
  put(page, bar, inner);
  const deleting = new Deleting(() => refresh());
  let timer = null;
  let isGone = false;

  // While nothing can be had, what is shown stays.
  async function refresh() {
    clearTimeout(timer);
    timer = null;
    const item = await get(`/api/backtests/${id}`).catch((error) => (error.status === 404 ? null : undefined));
    if (isGone) return;
    if (item === undefined) {
      timer = setTimeout(refresh, LOOK_MS);
      return;
    }
    inner.hidden = !item;
    if (!bar.querySelector("[data-editing]")) put(bar, item ? parts(item) : null, deleting.element);
    if (item?.progress && !document.hidden) timer = setTimeout(refresh, LOOK_MS);
  }

  function parts(item) {
    const isOver = !["waiting", "running"].includes(item.state);
    return [
      h("div", { className: "row" }, starOf(item, refresh), noted("Name", nameOf(item, refresh)), noted("Tags", tagsOf(item, refresh)), noted("Note", noteOf(item, refresh))),
      isOver ? h("div", { className: "row" }, files(item), h("button", { type: "button", className: "danger", onclick: () => deleting.delete([item.id]) }, "Delete")) : null,
    ];
  }

  const seen = () => !document.hidden && refresh();
  document.addEventListener("visibilitychange", seen);
  const unhear = notedElsewhere((noted) => noted === Number(id) && refresh());
  const leave = await showResult(inner, id, ...rest);
  await refresh();
  return () => {
    isGone = true;
    clearTimeout(timer);
    unhear();
    document.removeEventListener("visibilitychange", seen);
    if (leave) leave();
  };
}

const noted = (label, shown) => h("span", { className: "noted-part" }, h("span", { className: "soft" }, label), shown);

// Without figures there is the configuration alone.
function files(item) {
  const hasFigures = Object.keys(item.figures).length > 0;
  const shown = Object.entries(words.downloads).filter(([name]) => hasFigures || name === Object.keys(words.downloads).at(-1));
  return h("details", { className: "files" }, h("summary", {}, "Download"), h("ul", {}, shown.map(([name, label]) => h("li", {}, h("a", { href: address(`/api/backtests/${item.id}/download/${name}`), download: "" }, label)))));
}
