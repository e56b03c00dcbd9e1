// Small pictures: shapes as elements, coloured by the variables of the theme.

const SPACE = "http://www.w3.org/2000/svg";

// An element; `on...` are what it hears, a text child is its content.
export function shape(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children.flat());
  return element;
}

// A picture that is as wide as its place, with what a screen reader says of it.
// One whose parts can be chosen is a group of these.
export const picture = (label, width, height, shapes, role = "img") => shape("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role, "aria-label": label, style: `width:100%;height:${height}px;display:block` }, shapes);

// A bar that can be chosen, by mouse and by key, with a tip.
export function chosenBar(tip, place, onChoose) {
  const press = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onChoose();
  };
  const heard = onChoose ? { onclick: onChoose, onkeydown: press, tabindex: 0, role: "button", "aria-label": tip, style: "cursor:pointer" } : {};
  return shape("rect", { ...place, ...heard }, shape("title", {}, tip));
}
