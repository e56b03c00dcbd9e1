// Building the page. Text always goes in as text, never as markup: names and reasons are the program's.

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

// A table whose rows come in pages from the server. `columns` are {name, title, number, show, sort}.
export function pagedTable({ columns, load, onRow, size = 50, label }) {
  const state = { offset: 0, sort: null, descending: false, total: 0, loads: 0 };
  const body = h("tbody");
  const where = h("span", { className: "soft small" });
  const back = h("button", { type: "button", onclick: () => move(-size) }, "‹ Previous");
  const forth = h("button", { type: "button", onclick: () => move(size) }, "Next ›");
  const heads = columns.map((column) => {
    const inside = column.sort
      ? h("button", { type: "button", onclick: () => sortBy(column.sort) }, column.title)
      : column.title;
    return h("th", { className: column.number ? "num" : "", scope: "col" }, inside);
  });
  const pager = h("div", { className: "row", style: "margin-top:8px" }, back, forth, where);
  const element = h(
    "div",
    {},
    h("div", { className: "scroll" }, h("table", { "aria-label": label }, h("thead", {}, h("tr", {}, heads)), body)),
    pager,
  );

  function sortBy(name) {
    state.descending = state.sort === name ? !state.descending : true;
    Object.assign(state, { sort: name, offset: 0 });
    refresh();
  }

  function move(by) {
    state.offset = Math.max(0, state.offset + by);
    refresh();
  }

  async function refresh(reset = false) {
    if (reset) state.offset = 0;
    const turn = ++state.loads;
    const page = await load({ offset: state.offset, limit: size, sort: state.sort, descending: state.descending });
    if (turn !== state.loads) return; // a later question has been asked meanwhile
    state.total = page.total;
    put(body, page.items.length ? page.items.map(row) : h("tr", {}, h("td", { colSpan: columns.length }, "None")));
    const last = Math.min(state.offset + size, page.total);
    put(where, page.total ? `${(state.offset + 1).toLocaleString("en")} to ${last.toLocaleString("en")} of ${page.total.toLocaleString("en")}` : "");
    pager.style.display = page.total > size ? "" : "none";
    back.disabled = !state.offset;
    forth.disabled = last >= page.total;
    heads.forEach((head, place) => {
      const isSorted = columns[place].sort && columns[place].sort === state.sort;
      head.setAttribute("aria-sort", isSorted ? (state.descending ? "descending" : "ascending") : "none");
      const button = head.querySelector("button");
      if (button) button.textContent = columns[place].title + (isSorted ? (state.descending ? " ▼" : " ▲") : "");
    });
  }

  function row(item) {
    const cells = columns.map((column) => {
      const shown = column.show(item);
      return h("td", { className: [column.number ? "num" : "", column.wrap ? "wrap" : ""].join(" ") }, shown);
    });
    if (!onRow) return h("tr", {}, cells);
    const open = () => {
      body.querySelectorAll(".chosen").forEach((each) => each.classList.remove("chosen"));
      element_.classList.add("chosen");
      onRow(item);
    };
    const element_ = h(
      "tr",
      { className: "link", tabIndex: 0, onclick: open, onkeydown: (event) => event.key === "Enter" && open() },
      cells,
    );
    return element_;
  }

  refresh();
  return { element, refresh };
}
