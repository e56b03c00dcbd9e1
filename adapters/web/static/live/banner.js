// What is not possible at this moment, above every page; gone when it is possible again.

import { h, put } from "../dom.js";

const AGAIN_MS = 2000;
let bar = null;
let timer = null;

function show(role, ...content) {
  bar ??= h("div", { className: "banner" });
  bar.setAttribute("role", role);
  if (bar.textContent !== content.filter((each) => typeof each === "string").join("")) put(bar, ...content);
  if (!bar.isConnected) document.body.prepend(bar);
}

export function hideBanner() {
  clearTimeout(timer);
  timer = null;
  bar?.remove();
}

// Nothing can be had until `probe` comes back without an error: it is asked again and again, but not by a hidden tab.
export function away(message, probe) {
  show("alert", `${message} Nothing can be started, saved or looked up meanwhile; trying again.`);
  if (timer !== null) return;
  const look = async () => {
    if (!document.hidden) {
      const isBack = await probe().then(() => true, () => false);
      if (isBack) {
        hideBanner();
        window.dispatchEvent(new Event("recovered"));
        return;
      }
    }
    timer = setTimeout(look, AGAIN_MS);
  };
  timer = setTimeout(look, AGAIN_MS);
}

// Something is missing that a person can do: `act` under the name `action`.
export function wanting(message, action, act) {
  const go = () => {
    hideBanner();
    act();
  };
  show("alert", `${message} `, h("button", { type: "button", className: "primary", onclick: go }, action));
}

// Something was not stored: said until something is stored again.
export function refused(message) {
  if (timer !== null) return;
  show("alert", `That was not done: ${message}. `, h("button", { type: "button", onclick: hideBanner }, "Close"));
  bar.dataset.unsaved = "";
}

export function saved() {
  if (bar?.isConnected && "unsaved" in bar.dataset && timer === null) hideBanner();
}
