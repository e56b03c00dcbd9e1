// Which keys do what, in a window.

import { dialog, h } from "./dom.js";

const OF_RESULTS = {
  Everywhere: [
    ["Tab, Shift+Tab", "to the next thing that can be used, to the one before"],
    ["Enter", "in a row of a table: opens it"],
    ["Escape", "closes a window, puts away what is explained"],
    ["← →", "among tabs: the one beside"],
  ],
  "The chart of a result": [
    ["← →", "moves the window"],
    ["+ −", "zooms in and out"],
    ["Home", "shows all of it"],
    ["Shift+← Shift+→", "tells the kline before, the next one"],
    [", .", "goes to the mark before, to the next one"],
    ["Enter", "opens the trade or the trigger of that mark"],
    ["Escape", "puts away what the mark tells"],
  ],
  "A trade or a trigger that is open": [["← →", "the one before, the next one"]],
};

// `more` are further groups, each a list of [keys, what they do].
export function showShortcuts(more = {}) {
  const group = ([title, keys]) => h("section", { "aria-label": title }, h("h3", {}, title), h("dl", {}, keys.map(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)])));
  dialog("Keyboard shortcuts", h("div", { className: "shortcuts" }, Object.entries({ ...OF_RESULTS, ...more }).map(group)));
}
