// Pictures that were drawn beforehand: put into the page, with what they say where one points at them.

import { h, put } from "./dom.js";

const SAID = "data-said";
const pointed = h("div", { id: "pointed", role: "status" });
document.body.append(pointed);

// An element of a picture's text. Its titles become what is said at once, beside the pointer.
export function picture(text) {
  const drawn = document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
  for (const title of drawn.querySelectorAll("title")) {
    title.parentElement.setAttribute(SAID, title.textContent);
    title.remove();
  }
  return h("div", { className: "paper", onpointermove: say, onpointerleave: hide }, drawn);
}

function say(event) {
  const text = event.target.getAttribute(SAID);
  if (!text) return hide();
  tell(text, event);
}

export function hide() {
  pointed.classList.remove("shown");
}

// Say something beside the pointer, within the window.
export function tell(text, { clientX, clientY }) {
  put(pointed, text);
  pointed.classList.add("shown");
  const { offsetWidth, offsetHeight } = pointed;
  pointed.style.left = `${Math.min(clientX + 14, innerWidth - offsetWidth - 6)}px`;
  pointed.style.top = `${clientY + 18 + offsetHeight > innerHeight ? clientY - offsetHeight - 10 : clientY + 18}px`;
}
