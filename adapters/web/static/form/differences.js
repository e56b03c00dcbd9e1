// What a form has other than the run that it was taken from.

import { dialog, h, put } from "../dom.js";
import { plain } from "../fields.js";
import { text } from "../format.js";
import { changedLines, diffElement, lineDiff } from "../programs/line_diff.js";

export function differences(form, earlier) {
  const element = h("div", { className: "card differences", role: "region", "aria-label": "Changes" });
  const line = ({ setting }, was, is) => (setting.kind === "program" ? programLine(was, is) : h("li", {}, h("b", {}, setting.label), `: ${text(was)} → ${text(is)}`));

  function refresh() {
    const found = form.fields.filter(({ setting }) => setting.kind !== "object").map((field) => [field, earlier.config[field.setting.name], field.value]);
    const changed = found.filter(([field, was, is]) => plain(was ?? field.setting.default) !== plain(is ?? field.setting.default));
    const run = h("a", { href: `#/results/${earlier.id}` }, `back-test ${earlier.id}`);
    if (!changed.length) put(element, "Nothing is changed yet: this would be ", run, " once more.");
    else put(element, h("div", {}, `${changed.length} ${changed.length === 1 ? "change" : "changes"} to `, run), h("ul", {}, changed.map((each) => line(...each))));
  }

  return { element, refresh };
}

function programLine(was, is) {
  const lines = lineDiff(was ?? "", is ?? "");
  const show = () => dialog("Changes of the program", diffElement(lines, "Difference"));
  return h("li", {}, h("b", {}, "Program"), `: ${changedLines(lines)} changed lines `, h("button", { type: "button", onclick: show }, "Show"));
}
