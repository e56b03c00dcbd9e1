// The kept programs: a list by name, and the versions of one.

import { get, post, remove } from "../api.js";
import { h, pagedTable, put, settled, showText, toast, unseen } from "../dom.js";
import { count, time } from "../format.js";
import { askName, keepNew, saveNext } from "../programs/kept.js";
import { changedLines, diffElement, lineDiff } from "../programs/line_diff.js";
import { fileName, readButton, saveText } from "../programs/text_file.js";

export async function showPrograms(page) {
  const undo = h("div", { "aria-live": "polite" });
  const detail = h("section", { className: "card", tabIndex: -1, "aria-label": "Versions", hidden: true });
  const search = h("input", { type: "search", placeholder: "Find by name", "aria-label": "Find a program by name", style: "width:240px", oninput: settled(() => table.refresh(true), 250) });
  const importing = readButton({ title: "Import .py", accept: ".py,text/x-python", several: true, take: importText });
  const button = (name, item, action) => h("button", { type: "button", "aria-label": `${name} ${item.name}`, onclick: (event) => (event.stopPropagation(), told(() => action(item))), onkeydown: (event) => event.stopPropagation() }, name);
  const actions = (item) => h("div", { className: "row tight" }, button("Rename", item, rename), button("Duplicate", item, duplicate), button("Export", item, exportFile), button("Delete", item, drop));
  const table = pagedTable({
    label: "Programs",
    key: (item) => item.id,
    size: 25,
    load: ({ offset, limit }) => get("/api/programs", { offset, limit, q: search.value.trim() }),
    onRow: (item) => told(() => showVersions(item)),
    columns: [
      { title: "Name", show: (item) => h("a", { href: `#/new?program=${item.id}`, title: "Open in the editor", onclick: (event) => event.stopPropagation() }, item.name), wrap: true },
      { title: "Version", number: true, show: (item) => count(item.version) },
      { title: "Language", show: (item) => item.language },
      { title: "Characters", number: true, show: (item) => count(item.characters) },
      { title: "Saved, UTC", show: (item) => time(item.saved_ms) },
      { title: unseen("What can be done"), show: actions },
    ],
  });
  put(
    page,
    h("div", { className: "row end" }, h("h1", {}, "Programs"), h("div", { className: "row" }, search, importing, h("a", { className: "button", href: "#/new" }, "New"))),
    undo,
    h("div", { className: "card" }, table.element, h("p", { className: "soft small" }, "A name opens the program in the editor, its row shows the versions. Each save makes one.")),
    detail,
  );

  async function told(action) {
    try {
      await action();
    } catch (error) {
      toast(error.message);
    }
  }

  async function importText(name, code) {
    await told(async () => {
      const kept = await keepNew(`Import ${name}`, { code }, name.replace(/\.py$/i, ""));
      if (kept) toast(`${kept.name} is kept`);
    });
    table.refresh();
  }

  async function rename(item) {
    const name = await askName(`Rename ${item.name}`, item.name);
    if (name !== null) await post(`/api/programs/${item.id}/name`, { name });
    await table.refresh();
  }

  async function duplicate(item) {
    const { code, language } = await get(`/api/programs/${item.id}`);
    await keepNew(`Duplicate ${item.name}`, { code, language }, `${item.name} copy`);
    await table.refresh();
  }

  async function exportFile(item) {
    const { code } = await get(`/api/programs/${item.id}`);
    saveText(fileName(item.name, ".py"), code, "text/x-python");
  }

  async function drop(item) {
    await remove(`/api/programs/${item.id}`);
    detail.hidden = true;
    const back = h("button", { type: "button", onclick: () => told(() => bringBack(item)) }, "Undo");
    put(undo, h("div", { className: "card row" }, `${item.name} is deleted, with its versions. `, back));
    back.focus();
    await table.refresh();
  }

  async function bringBack(item) {
    await post(`/api/programs/${item.id}/undelete`);
    put(undo);
    await table.refresh();
    table.focus(table.positionOf(item.id));
    toast(`${item.name} is back`);
  }

  async function showVersions(item) {
    const { total, items } = await get(`/api/programs/${item.id}/versions`, { limit: 200 });
    const source = (version) => get(`/api/programs/${item.id}`, { version });
    const shown = h("div", { "aria-live": "polite" });
    const numbers = items.map((each) => [each.version, `version ${each.version}`]);
    const choice = (label, value) => {
      const element = h("select", { "aria-label": label, style: "width:auto" }, numbers.map(([number, text]) => h("option", { value: number }, text)));
      element.value = value;
      return element;
    };
    const [from, to] = [choice("Difference from", items[Math.min(1, items.length - 1)].version), choice("Difference to", items[0].version)];
    const compare = async () => {
      const [first, second] = await Promise.all([source(from.value), source(to.value)]);
      const lines = lineDiff(first.code, second.code);
      put(shown, h("p", {}, `${changedLines(lines)} changed lines from version ${first.version} to version ${second.version}`), diffElement(lines, "Difference"));
    };
    const view = async ({ version }) => showText(`${item.name}, version ${version}`, (await source(version)).code);
    const restore = async ({ version }) => {
      const { code, language, newest } = await source(version);
      const kept = await saveNext({ id: item.id, name: item.name, version: newest }, { code, language });
      if (kept) toast(`Version ${version} is saved as version ${kept.version}`);
      await table.refresh();
      await showVersions(item);
    };
    const row = (each) => h(
      "tr", {},
      h("td", { className: "num" }, count(each.version)),
      h("td", {}, `${time(each.saved_ms)} UTC`),
      h("td", {}, each.language),
      h("td", { className: "num" }, count(each.characters)),
      h("td", {}, h("div", { className: "row tight" }, ...[["View", view], ["Restore", restore]].map(([name, action]) => h("button", { type: "button", "aria-label": `${name} version ${each.version}`, onclick: () => told(() => action(each)) }, name)))),
    );
    const head = h("tr", {}, ["Version", "Saved", "Language", "Characters", unseen("What can be done")].map((title) => h("th", { scope: "col", className: ["Version", "Characters"].includes(title) ? "num" : "" }, title)));
    put(
      detail,
      h("div", { className: "row end" }, h("h2", {}, `Versions of ${item.name}`), h("a", { className: "button", href: `#/new?program=${item.id}` }, "Open")),
      h("div", { className: "row" }, from, to, h("button", { type: "button", onclick: () => told(compare) }, "Show the difference")),
      shown,
      h("p", { className: "soft small" }, `${items.length} of ${total}`),
      h("div", { className: "scroll" }, h("table", { "aria-label": "Versions" }, h("thead", {}, head), h("tbody", {}, items.map(row)))),
    );
    detail.hidden = false;
    detail.scrollIntoView({ block: "nearest" });
    detail.focus({ preventScroll: true });
  }
}
