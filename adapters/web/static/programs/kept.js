// Programs that the server keeps by name: saved, opened, and what is said when another tab was faster.

import { get, post } from "../api.js";
import { dialog, h, put, settled, toast } from "../dom.js";
import { time } from "../format.js";
import { diffElement, lineDiff } from "./line_diff.js";

const LONGEST_NAME = 100;
const SHOWN = 50;

// Ask for one line of text; null when nothing is given.
export function askName(title, value = "") {
  return new Promise((resolve) => {
    let found = null;
    const input = h("input", { value, maxLength: LONGEST_NAME, required: true, "aria-label": "Name" });
    const send = (event) => {
      event.preventDefault();
      found = input.value.trim() || null;
      box.close();
    };
    const box = dialog(title, h("form", { className: "row", onsubmit: send }, input, h("button", { className: "primary" }, "Save")));
    box.addEventListener("close", () => resolve(found));
    input.select();
  });
}

// Keep a text under a name that is asked for, until that works or is given up; null then.
export async function keepNew(title, text, named = "") {
  let name = named;
  let why = title;
  for (;;) {
    name = await askName(why, name);
    if (name === null) return null;
    try {
      return await post("/api/programs", { name, ...text });
    } catch (error) {
      why = error.message;
    }
  }
}

// Save the next version of a program; null when it was given up. Another tab's version is never overwritten unseen.
export async function saveNext(kept, text) {
  try {
    return await post(`/api/programs/${kept.id}/versions`, { ...text, after: kept.version });
  } catch (error) {
    if (error.status === 404) return keepNew(`${error.message}: keep it as a new one`, text, kept.name);
    if (error.status !== 409) throw error;
    return settleConflict(kept, text, error.message);
  }
}

async function settleConflict(kept, text, message) {
  const theirs = await get(`/api/programs/${kept.id}`);
  return new Promise((resolve, reject) => {
    let answer = null;
    const choose = (name, action, className = "") => h("button", { type: "button", className, onclick: () => ((answer = action), box.close()) }, name);
    const box = dialog(
      "Saved elsewhere meanwhile",
      h("p", { role: "alert" }, message),
      diffElement(lineDiff(theirs.code, text.code), `Version ${theirs.version}, and what you have`),
      h(
        "div", { className: "row" },
        choose(`Save as version ${theirs.version + 1}`, () => saveNext({ ...kept, version: theirs.version }, text)),
        choose("Save under another name", () => keepNew("Another name", text, `${kept.name} 2`), "primary"),
      ),
    );
    box.addEventListener("close", () => (answer ? answer().then(resolve, reject) : resolve(null)));
  });
}

// Let one of the kept programs be chosen; `take` gets it with its text.
export function chooseProgram(take) {
  const list = h("ul", { className: "plain", "aria-label": "Kept programs" });
  const where = h("p", { className: "soft small", "aria-live": "polite" });
  const search = h("input", { type: "search", placeholder: "Find by name", "aria-label": "Find a program by name", oninput: settled(show, 200) });
  const box = dialog("Open a program", search, list, where);
  const open = async (item) => {
    try {
      take(await get(`/api/programs/${item.id}`));
      box.close();
    } catch (error) {
      toast(error.message);
    }
  };
  async function show() {
    const { total, items } = await get("/api/programs", { q: search.value.trim(), limit: SHOWN });
    const about = (item) => h("span", { className: "soft small" }, ` version ${item.version}, ${time(item.saved_ms)} UTC`);
    put(list, items.map((item) => h("li", {}, h("button", { type: "button", className: "quiet", onclick: () => open(item) }, item.name), about(item))));
    put(where, total ? `${items.length} of ${total}` : "None is kept yet: save one first");
  }
  show().catch((error) => put(where, error.message));
  search.focus();
}
