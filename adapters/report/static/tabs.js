// Tabs: one of several contents is shown, each made when it is opened first.

import { h, put } from "./dom.js";

// The name of a tab in an address.
export const slugOf = (title) => title.toLowerCase().replaceAll(" ", "-");

// `contents` are functions by title; `onOpen` is told the slug of a tab that a person has opened.
export function tabsOf(contents, onOpen) {
  const titles = Object.keys(contents);
  const made = new Map();
  const body = h("div", { role: "tabpanel", tabIndex: 0, id: "tabpanel" });
  const buttons = titles.map((title) => h("button", { type: "button", role: "tab", id: `tab-${slugOf(title)}`, "aria-controls": body.id, onclick: () => choose(title), onkeydown: arrows }, title));
  const element = h("section", { className: "card", "aria-label": "Details" }, h("div", { className: "tabs", role: "tablist", "aria-label": "Details" }, buttons), body);

  function open(slug) {
    const title = titles.find((each) => slugOf(each) === slug) ?? titles[0];
    if (element.dataset.tab === slugOf(title)) return;
    element.dataset.tab = slugOf(title);
    buttons.forEach((button, place) => {
      const isOpen = titles[place] === title;
      button.setAttribute("aria-selected", String(isOpen));
      button.tabIndex = isOpen ? 0 : -1;
    });
    body.setAttribute("aria-labelledby", `tab-${slugOf(title)}`);
    if (!made.has(title)) made.set(title, contents[title]());
    put(body, made.get(title));
  }

  function choose(title) {
    open(slugOf(title));
    onOpen(slugOf(title));
  }

  function arrows(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = buttons[(buttons.indexOf(event.target) + step + buttons.length) % buttons.length];
    next.focus();
    next.click();
  }

  return { element, open };
}
