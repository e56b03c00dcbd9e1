// What is noted of a result, edited where it stands: its name, its star, its tags, its note.

import { patch } from "../api.js";
import { dialog, h, put, toast } from "../dom.js";

const FOLDED = 160; // a longer note, or one of several lines, is folded
const told = window.BroadcastChannel ? new BroadcastChannel("perpsim notes") : null;

// Call `on` with the id of each result of which something is noted in another tab of this browser.
export function notedElsewhere(on) {
  const heard = ({ data }) => on(data);
  told?.addEventListener("message", heard);
  return () => told?.removeEventListener("message", heard);
}

// What somebody else has changed since it was shown is not written over: that is an error.
async function store(item, changes) {
  const seen = Object.fromEntries(Object.keys(changes).map((name) => [name, item[name]]));
  const found = await patch(`/api/backtests/${item.id}`, { ...changes, seen });
  told?.postMessage(item.id);
  return found;
}

async function change(item, changes, onDone) {
  try {
    onDone(await store(item, changes));
  } catch (error) {
    toast(error.message);
    onDone(null);
  }
}

export function starOf(item, onDone) {
  const label = `Star of ${item.id}`;
  return h("button", { type: "button", className: "quiet star", "data-key": "star", "aria-label": label, "aria-pressed": String(item.starred), onclick: aside(() => change(item, { starred: !item.starred }, onDone)) }, item.starred ? "★" : "☆");
}

export function nameOf(item, onDone) {
  const show = h("span", { title: item.label ?? null }, item.label ?? "");
  return editable(item, "name", `Name of ${item.id}`, show, item.label ?? "", (text) => ({ label: text.trim() || null }), onDone, { maxLength: 100 });
}

export function tagsOf(item, onDone) {
  const show = h("span", { title: item.tags.join(", ") || null }, item.tags.map((tag) => h("span", { className: "chip" }, tag)));
  const changes = (text) => ({ tags: [...new Set(text.split(",").map((each) => each.trim()).filter(Boolean))] });
  return editable(item, "tags", `Tags of ${item.id}, with commas between them`, show, item.tags.join(", "), changes, onDone, {});
}

export function noteOf(item, onDone) {
  const open = () => {
    const area = h("textarea", { rows: 8, maxLength: 2000, value: item.note, "aria-label": `Note on ${item.id}` });
    const problem = h("p", { className: "bad", role: "alert" });
    const send = async (event) => {
      event.preventDefault();
      try {
        const found = await store(item, { note: area.value });
        box.close();
        onDone(found);
      } catch (error) {
        put(problem, error.message); // what was written stays here
      }
    };
    const box = dialog(`Note on back-test ${item.id}`, h("form", { onsubmit: send }, area, problem, h("p", {}, h("button", { className: "primary" }, "Keep"))));
    area.focus();
  };
  return h("span", { className: "editable" }, noteText(item.note), " ", pen("note", `Note on ${item.id}`, open));
}

function noteText(note) {
  const [first] = note.split("\n", 1);
  if (note.length <= FOLDED && first === note) return h("span", { className: "noted" }, note);
  return h("details", { className: "folded", onclick: (event) => event.stopPropagation(), onkeydown: (event) => event.stopPropagation() }, h("summary", {}, `${first.slice(0, 60)}…`), h("div", { className: "noted" }, note));
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
      if (isKept && input.value !== text) change(item, changes(input.value), onDone);
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
