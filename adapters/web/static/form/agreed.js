// Whether somebody says yes to a question: `action` is what yes is called.

import { dialog, h } from "../dom.js";

export function agreed(title, question, action) {
  return new Promise((resolve) => {
    let isAgreed = false;
    const yes = h("button", { type: "button", className: "primary", onclick: () => ((isAgreed = true), box.close()) }, action);
    const box = dialog(title, h("p", {}, question), h("div", { className: "row" }, yes));
    box.addEventListener("close", () => resolve(isAgreed));
  });
}
