// Texts into files and out of them, in the browser alone.

import { h } from "../dom.js";

export function saveText(name, text, kind = "text/plain") {
  const address = URL.createObjectURL(new Blob([text], { type: `${kind};charset=utf-8` }));
  const link = h("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

// A name as a file may bear it everywhere.
export const fileName = (name, ending) => `${name.replace(/[^\p{L}\p{N} ._-]+/gu, "_")}${ending}`;

// A button that reads files which a user chooses; `take` gets the name and the text of each.
export function readButton({ title, accept, several = false, take }) {
  const input = h("input", { type: "file", accept, multiple: several, hidden: true, "aria-label": title, onchange: read });
  async function read() {
    const files = [...input.files];
    input.value = "";
    for (const file of files) await take(file.name, await file.text());
  }
  return h("span", {}, input, h("button", { type: "button", onclick: () => input.click() }, title));
}
