// The configuration of a study in words: all of it, or what is not as it is by default.

import { h } from "../dom.js";
import { settings } from "../figures.js";
import { written } from "../format.js";
import { words } from "../vocabulary.js";

const plain = (value) => JSON.stringify(JSON.parse(JSON.stringify(value ?? null))); // 10000.0 and 10000 are one
const all = words.fields.flatMap((group) => group.fields);
const order = all.map((each) => each.name);
const usual = Object.fromEntries(all.map((each) => [each.name, plain(each.default)]));

export function configurationOf({ code, ...rest }, isShort) {
  const isShown = ([name, value]) => name in settings && value !== null && !(isShort && plain(value) === usual[name]);
  const shown = Object.entries(rest).filter(isShown).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  return [
    h("dl", {}, shown.map(([name, value]) => [h("dt", { title: name }, settings[name].label), h("dd", {}, written(settings[name], value))])),
    h("details", {}, h("summary", {}, "Program"), h("pre", { tabIndex: 0 }, code || "")),
  ];
}
