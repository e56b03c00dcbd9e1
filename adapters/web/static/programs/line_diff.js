// What sets two texts apart, line by line.

import { h } from "../dom.js";

const MOST_CELLS = 4e6; // beyond that what lies between the common ends counts as changed
const AROUND = 3;

// Lines as {sign, text}: " " stands in both, "-" in the first only, "+" in the second only.
export function lineDiff(first, second) {
  const [a, b] = [first.split("\n"), second.split("\n")];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const common = (lines) => lines.map((text) => ({ sign: " ", text }));
  const middle = between(a.slice(start, a.length - end), b.slice(start, b.length - end));
  return [...common(a.slice(0, start)), ...middle, ...common(a.slice(a.length - end))];
}

function between(a, b) {
  if (!a.length || !b.length || a.length * b.length > MOST_CELLS) return [...a.map((text) => ({ sign: "-", text })), ...b.map((text) => ({ sign: "+", text }))];
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width); // of the common lines from each place on
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] = a[i] === b[j] ? longest[(i + 1) * width + j + 1] + 1 : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  return walked(a, b, (i, j) => longest[i * width + j]);
}

function walked(a, b, longest) {
  const lines = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ sign: " ", text: a[i] });
      [i, j] = [i + 1, j + 1];
    } else if (j === b.length || (i < a.length && longest(i + 1, j) >= longest(i, j + 1))) {
      lines.push({ sign: "-", text: a[i] });
      i += 1;
    } else {
      lines.push({ sign: "+", text: b[j] });
      j += 1;
    }
  }
  return lines;
}

export const changedLines = (lines) => lines.filter((line) => line.sign !== " ").length;

// The changed lines with some around them; what is left out in between is counted.
export function diffElement(lines, label) {
  const isNear = (place) => lines.slice(Math.max(0, place - AROUND), place + AROUND + 1).some((line) => line.sign !== " ");
  const rows = [];
  let skipped = 0;
  const tellSkipped = () => {
    if (skipped) rows.push(h("div", { className: "soft" }, `... ${skipped} lines that are the same`));
    skipped = 0;
  };
  lines.forEach(({ sign, text }, place) => {
    if (!isNear(place)) {
      skipped += 1;
      return;
    }
    tellSkipped();
    rows.push(h("div", { className: sign === "+" ? "added" : sign === "-" ? "taken" : "" }, `${sign} ${text}`));
  });
  tellSkipped();
  return h("pre", { className: "diff", tabIndex: 0, "aria-label": label }, rows);
}
