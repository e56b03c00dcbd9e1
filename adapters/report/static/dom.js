// Building the page. Text always goes in as text, never as markup: names and reasons are the program's.

import { explained } from "./tips.js";

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && !["list", "form", "role"].includes(name)) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  put(element, ...children);
  return element;
}

export function put(element, ...children) {
  const nodes = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
  element.replaceChildren(...nodes.map((child) => (child instanceof Node ? child : document.createTextNode(child))));
  return element;
}

// A call of `action` that waits until nobody has asked for it for some time.
export function settled(action, ms) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, ms);
  };
}

const hideToast = settled(() => document.getElementById("toast").classList.remove("shown"), 3500);
export function toast(text) {
  const element = document.getElementById("toast");
  element.textContent = text;
  element.classList.add("shown");
  hideToast();
}

// What is there for those who see nothing.
export const unseen = (text) => h("span", { className: "unseen" }, text);

// What may be wider than its place: keys scroll it, too.
export const scrolled = (label, ...content) => h("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": label }, content);

// Disable the one of two buttons that leads nowhere; the other one takes its focus.
export function enable(back, forth, isBack, isForth) {
  const focused = [back, forth].find((each) => each === document.activeElement);
  [back.disabled, forth.disabled] = [!isBack, !isForth];
  if (focused?.disabled) [back, forth].find((each) => !each.disabled)?.focus();
}

// A choice among [value, text].
export const options = (pairs) => pairs.map(([value, text]) => h("option", { value }, text));
export const select = (attributes, pairs) => h("select", attributes, options(pairs));

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied");
  } catch {
    showText("Copy this", text); // browsers refuse the clipboard on pages that are not secure
  }
}

export function showText(title, text) {
  dialog(title, h("pre", { tabIndex: 0 }, text));
}

export function dialog(title, ...content) {
  const close = h("button", { type: "button", onclick: () => element.close() }, "Close");
  const element = h(
    "dialog",
    { onclose: () => element.remove(), onclick: (event) => event.target === element && element.close() },
    h("div", { className: "row end" }, h("h2", {}, title), close),
    ...content,
  );
  document.body.append(element);
  element.showModal();
  return element;
}

// A table whose rows come in pages from the server. `columns` are {name, title, meaning, number, show, sort}; `onRow` is
// told the item of a row and its place among all, `onPage` each page that is shown, `onSort` that a person has sorted it.
// Where `key` tells items apart the chosen one stays marked. One that `isLate` is empty until its `begin` is called.
export function pagedTable({ columns, load, onRow, onPage = () => {}, onSort = () => {}, size = 50, label, key = (item) => item, isLate = false }) {
  const state = { offset: 0, sort: null, descending: false, total: 0, loads: 0, items: [], chosen: null };
  const body = h("tbody");
  const where = h("span", { className: "soft small" });
  const back = h("button", { type: "button", onclick: () => move(-size) }, "‹ Previous");
  const forth = h("button", { type: "button", onclick: () => move(size) }, "Next ›");
  const heads = columns.map((column) => {
    const inside = column.sort
      ? h("button", { type: "button", onclick: () => sortBy(column.sort) }, column.title)
      : h("span", {}, column.title);
    return h("th", { className: column.number ? "num" : "", scope: "col" }, explained(inside, column.meaning));
  });
  const pager = h("div", { className: "row", style: "margin-top:8px" }, back, forth, where);
  const table = h("table", { "aria-label": label }, h("thead", {}, h("tr", {}, heads)), body);
  const element = h("div", {}, scrolled(`${label}, table`, table), pager);

  function sortBy(name) {
    state.descending = state.sort === name ? !state.descending : true;
    Object.assign(state, { sort: name, offset: 0 });
    refresh();
    onSort();
  }

  function move(by) {
    state.offset = Math.max(0, state.offset + by);
    refresh();
  }

  async function refresh(reset = false) {
    if (reset) state.offset = 0;
    const turn = ++state.loads;
    const page = await load(asked(state.offset, size));
    if (turn !== state.loads) return; // a later question has been asked meanwhile
    Object.assign(state, { total: page.total, items: page.items, offset: page.offset ?? state.offset });
    put(body, page.items.length ? page.items.map(row) : h("tr", {}, h("td", { colSpan: columns.length }, "None")));
    const last = Math.min(state.offset + size, page.total);
    put(where, page.total ? `${(state.offset + 1).toLocaleString("en")} to ${last.toLocaleString("en")} of ${page.total.toLocaleString("en")}` : "");
    pager.style.display = page.total > size ? "" : "none";
    enable(back, forth, state.offset, last < page.total);
    heads.forEach((head, place) => {
      const isSorted = columns[place].sort && columns[place].sort === state.sort;
      head.setAttribute("aria-sort", isSorted ? (state.descending ? "descending" : "ascending") : "none");
      const button = head.querySelector("button");
      if (button) button.textContent = columns[place].title + (isSorted ? (state.descending ? " ▼" : " ▲") : "");
    });
    mark();
    onPage(page);
  }

  // Show the first page, sorted as `sorted` has said; as it comes where that is no column.
  async function sortAs(text) {
    const sort = columns.map((column) => column.sort).find((name) => name && name === text?.replace(/^-/, "")) ?? null;
    Object.assign(state, { sort, descending: sort !== null && text.startsWith("-"), offset: 0 });
    await refresh();
  }

  const asked = (offset, limit) => ({ offset, limit, sort: state.sort, descending: state.descending });

  function mark() {
    [...body.children].forEach((each, place) => {
      const isChosen = state.chosen !== null && place < state.items.length && key(state.items[place]) === state.chosen;
      each.classList.toggle("chosen", isChosen);
      if (isChosen) each.setAttribute("aria-current", "true");
      else each.removeAttribute("aria-current");
    });
  }

  // Mark the row of what is chosen, by its key; null for none.
  function choose(chosen) {
    state.chosen = chosen;
    mark();
  }

  // Where the row of a key stands among all, null where it is not on this page.
  function positionOf(wanted) {
    const place = state.items.findIndex((item) => key(item) === wanted);
    return place < 0 ? null : state.offset + place;
  }

  // The item at a place among all.
  async function item(place) {
    return place < 0 ? undefined : (state.items[place - state.offset] ?? (await load(asked(place, 1))).items[0]);
  }

  // Show the page that a place is on, as the table is sorted; or (`goTo`) in the first order.
  async function reveal(place) {
    const offset = place - (place % size);
    if (offset === state.offset && state.items.length) return;
    state.offset = offset;
    await refresh();
  }

  async function goTo(place) {
    Object.assign(state, { sort: null, descending: false, offset: place - (place % size) });
    await refresh();
  }

  function row(item, place) {
    const cells = columns.map((column) => {
      const shown = column.show(item);
      return h("td", { className: [column.number ? "num" : "", column.wrap ? "wrap" : ""].join(" ") }, shown);
    });
    if (!onRow) return h("tr", {}, cells);
    const open = () => {
      choose(key(item));
      onRow(item, state.offset + place);
    };
    return h(
      "tr",
      { className: "link", tabIndex: 0, onclick: open, onkeydown: (event) => event.key === "Enter" && open() },
      cells,
    );
  }

  // Give the row at a place among all the focus, where it is shown.
  function focus(position) {
    body.children[position - state.offset]?.focus({ preventScroll: true });
  }

  // Ask for the first page, unless one has been asked for: a table that nobody sees waits with that.
  const begin = () => state.loads || refresh();

  if (!isLate) begin();
  return { element, begin, refresh, sortAs, choose, focus, positionOf, item, reveal, goTo, get total() { return state.total; }, get sorted() { return state.sort && `${state.descending ? "-" : ""}${state.sort}`; } };
}
