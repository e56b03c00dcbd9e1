// What was proved of a result: its certificate, check by check.

import { h } from "./dom.js";

export const verdictBadge = ({ verdict, tone }, title) => h("span", { className: `badge ${tone}`, title }, verdict);

export function certificateOf({ about, reason, counted, checks, contents, ...judged }) {
  return h(
    "section",
    { "aria-label": "Certificate", className: "proofs" },
    h("p", {}, verdictBadge(judged), ` ${reason}`, h("span", { className: "soft small" }, ` ${about}`)),
    h("p", {}, h("b", {}, counted)),
    checks.map(check),
    h("h2", {}, "What it is of"),
    h("dl", { className: "small" }, contents.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
  );
}

function check({ title, reason, proves, not_shown, ...judged }) {
  return h(
    "section",
    { "aria-label": title },
    h("h2", {}, `${title} `, verdictBadge(judged)),
    h("p", {}, reason),
    h("p", { className: "soft small" }, `It proves where it is passed: ${proves}.`),
    not_shown.map((each) => h("p", { className: "warn small" }, `Not shown for ${each}`)),
  );
}
