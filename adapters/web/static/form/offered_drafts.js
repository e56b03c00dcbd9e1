// Drafts that tabs have left which are gone: each can be opened here, or thrown away. What is here meanwhile stays a draft.

import { h, put } from "../dom.js";
import { time } from "../format.js";
import { leftOver, makeOwn } from "./draft_places.js";

export function offeredDrafts(address) {
  const element = h("div", { role: "status", className: "offered-drafts" });

  async function refresh() {
    const found = await leftOver(address);
    put(element, found.map(({ key, at }) => line(key, at)));
  }

  function line(key, at) {
    const open = () => {
      makeOwn(address, key);
      location.reload();
    };
    const drop = () => {
      localStorage.removeItem(key);
      refresh();
    };
    const button = (text, onclick) => h("button", { type: "button", onclick }, text);
    return h("div", { className: "row tight" }, h("span", { className: "soft small" }, `Another tab has left a draft of ${time(at)} UTC. `), button("Open it", open), button("Throw it away", drop));
  }

  window.addEventListener("focus", refresh);
  refresh();
  return { element, close: () => window.removeEventListener("focus", refresh) };
}
