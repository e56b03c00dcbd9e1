// Deleting results, and bringing them back.

import { post } from "../api.js";
import { h, put, toast } from "../dom.js";
import { count } from "../format.js";

const named = (ids) => (ids.length === 1 ? `Back-test ${ids[0]}` : `${count(ids.length)} back-tests`);

// A line that says what was deleted and offers to bring it back; `onChange` is called after either, with the ids of
// those that are back.
export class Deleting {
  constructor(onChange) {
    this.onChange = onChange;
    this.element = h("div", { className: "undo", role: "status", hidden: true });
  }

  async delete(ids) {
    if (!(await asked("/api/desk/delete", ids))) return false;
    const undo = h("button", { type: "button", onclick: () => this.bringBack(ids) }, "Undo");
    const away = h("button", { type: "button", className: "quiet", "aria-label": "Put this line away", onclick: () => this.put(null) }, "✕");
    this.put([`${named(ids)} deleted.`, undo, away]);
    undo.focus();
    this.onChange();
    return true;
  }

  async bringBack(ids) {
    const done = await asked("/api/desk/restore", ids);
    this.put(done ? [`${named(done.ids)} brought back${done.ids.length < ids.length ? ` of ${count(ids.length)}: nothing is stored of the others any more` : ""}.`] : null);
    this.onChange(done?.ids);
  }

  put(content) {
    put(this.element, content ?? []);
    this.element.hidden = !content;
  }
}

async function asked(path, ids) {
  try {
    return await post(path, { ids });
  } catch (error) {
    toast(error.message);
    return null;
  }
}
