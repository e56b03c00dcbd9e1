// What is noted of a result, edited where it stands: its name, its star, its tags, its note.

import { patch } from "../api.js";
import { dialog, h, toast } from "../dom.js";

async function change(id, changes, onDone) {
  try {
    onDone(await patch(`/api/backtests/${id}`, changes));
  } catch (error) {
    toast(error.message);
    onDone(null);
  }
}

export function starOf(item, onDone) {
  const label = `Star of ${item.id}`;
  return h("button", { type: "button", className: "quiet star", "data-key": "star", "aria-label": label, "aria-pressed": String(item.starred), onclick: aside(() => change(item.id, { starred: !item.starred }, onDone)) }, item.starred ? "★" : "☆");
}

export function nameOf(item, onDone) {
  const show = h("span", {}, item.label ?? "");
  return editable(item, "name", `Name of ${item.id}`, show, item.label ?? "", (text) => ({ label: text.trim() || null }), onDone, { maxLength: 100 });
}

export function tagsOf(item, onDone) {
  const show = h("span", {}, item.tags.map((tag) => h("span", { className: "chip" }, tag)));
  const changes = (text) => ({ tags: [...new Set(text.split(",").map((each) => each.trim()).filter(Boolean))] });
  return editable(item, "tags", `Tags of ${item.id}, with commas between them`, show, item.tags.join(", "), changes, onDone, {});
}

export function noteOf(item, onDone) {
  const open = () => {
    const area = h("textarea", { rows: 8, maxLength: 2000, value: item.note, "aria-label": `Note on ${item.id}` });
    const send = (event) => {
      event.preventDefault();
      box.close();
      change(item.id, { note: area.value }, onDone);
    };
    const box = dialog(`Note on back-test ${item.id}`, h("form", { onsubmit: send }, area, h("p", {}, h("button", { className: "primary" }, "Keep"))));
    area.focus();
  };
  return h("span", {}, h("span", { className: "noted" }, item.note), " ", pen("note", `Note on ${item.id}`, open));
}

// Enter and leaving the field keep what was written, Escape does not.
function editable(item, key, label, shown, text, changes, onDone, attributes) {
  const element = h("span", { className: "editable" }, shown, " ", pen(key, label, open));
  function open() {
    const before = [...element.childNodes];
    const input = h("input", { value: text, "aria-label": label, "data-editing": "", onclick: (event) => event.stopPropagation(), onkeydown: keys, onblur: () => end(true), ...attributes });
    let isOver = false;
    function keys(event) {
      event.stopPropagation();
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault(); // the button that gets the focus is not pressed by it
      end(event.key === "Enter");
    }
    function end(isKept) {
      if (isOver) return;
      isOver = true;
      const hadFocus = document.activeElement === input;
      element.replaceChildren(...before);
      if (hadFocus) element.querySelector("button").focus();
      if (isKept && input.value !== text) change(item.id, changes(input.value), onDone);
    }
    element.replaceChildren(input);
    input.focus();
    input.select();
  }
  return element;
}

const pen = (key, label, open) => h("button", { type: "button", className: "quiet pen", "data-key": key, "aria-label": label, onclick: aside(open) }, "✎");

// A press that does not open the row it stands in.
const aside = (action) => (event) => {
  event.stopPropagation();
  action();
};
