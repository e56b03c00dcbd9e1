// Drafts that tabs have left which are gone: each can be opened here, or thrown away. What is here meanwhile stays a draft.

import { h, put } from "../dom.js";
import { time } from "../format.js";
import { leftOver, makeOwn } from "./draft_places.js";

const AGAIN_MS = 2000;

export function offeredDrafts(address) {
  const element = h("div", { role: "status", className: "offered-drafts" });

  let shown = "";

  async function refresh() {
    const found = await leftOver(address);
    if (JSON.stringify(found) === shown) return;
    shown = JSON.stringify(found);
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

  const again = setInterval(() => document.hidden || refresh(), AGAIN_MS);
  refresh();
  return { element, close: () => clearInterval(again) };
}
