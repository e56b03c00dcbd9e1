// That nothing of the market is stored yet, and how that changes; nothing where something is.

import { h } from "../dom.js";

export function noData(series) {
  if (series.length) return null;
  return h(
    "div", { id: "no-data", className: "card warn", role: "status" }, "No market data is stored yet, so nothing can be run. ",
    h("a", { href: "#/data" }, "Import or download some"), ", or have a market made up: ", h("code", {}, "perpsim synth"), ".",
  );
}
