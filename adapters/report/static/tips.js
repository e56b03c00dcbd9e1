// What something means, beside it: while the pointer is over it, while it has the focus, or when it is touched.

const GAP = 6;
const tip = document.createElement("div");
Object.assign(tip, { id: "tip", hidden: true });
tip.setAttribute("role", "tooltip");

// Let an element say what it means. It can be reached by keyboard.
export function explained(element, meaning) {
  if (!meaning) return element;
  element.classList.add("explained");
  if (element.tabIndex < 0) element.tabIndex = 0;
  const show = () => showTip(element, meaning);
  for (const name of ["pointerenter", "focus", "click"]) element.addEventListener(name, show);
  element.addEventListener("pointerleave", () => element !== document.activeElement && hideTip(element));
  element.addEventListener("blur", () => hideTip(element));
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || tip.hidden) return;
    event.stopPropagation(); // a dialog that it stands in stays open
    event.preventDefault();
    hideTip(element);
  });
  return element;
}

let owner = null; // whose meaning is shown

function showTip(element, meaning) {
  owner?.removeAttribute("aria-describedby");
  owner = element;
  tip.textContent = meaning;
  (element.closest("dialog") ?? document.body).append(tip);
  tip.hidden = false;
  element.setAttribute("aria-describedby", tip.id);
  place();
}

function place() {
  if (!owner) return;
  if (!owner.isConnected) {
    hideTip(owner);
    return;
  }
  const box = owner.getBoundingClientRect();
  const { width, height } = tip.getBoundingClientRect();
  const isBelow = box.bottom + GAP + height <= innerHeight || box.top < height + GAP;
  tip.style.left = `${Math.max(GAP, Math.min(box.left, document.documentElement.clientWidth - width - GAP))}px`;
  tip.style.top = `${isBelow ? box.bottom + GAP : box.top - GAP - height}px`;
}

function hideTip(element) {
  if (owner !== element) return;
  element.removeAttribute("aria-describedby");
  owner = null;
  tip.hidden = true;
}

addEventListener("scroll", place, { passive: true, capture: true });
