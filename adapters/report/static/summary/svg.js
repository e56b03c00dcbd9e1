// Elements of a picture.

const NAMES = "http://www.w3.org/2000/svg";

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(NAMES, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children.flat());
  return element;
}

// What puts the numbers from `low` to `high` evenly from `first` to `last`.
export const scaleOf = (low, high, first, last) => (value) => first + ((value - low) / (high - low || 1)) * (last - first);
