// What a program may say, as the server tells it: which words fit at a place of the text, and which one stands there.

import { get } from "../api.js";

const NAME = /[A-Za-z_]\w*/g;
const MOST_BACK = 4000; // characters that are looked at for the call that a place is in

let asked = null;
export const programWords = () => (asked ??= get("/api/programs/words").catch((error) => {
  asked = null; // the next one asks again
  throw error;
}));

// The call that a place is in, as {name, argument}: the innermost parenthesis that is still open; null outside of all.
export function callAt(text, place) {
  const start = Math.max(0, place - MOST_BACK);
  const opened = [];
  let quote = "";
  for (let at = start; at < place; at += 1) {
    const sign = text[at];
    if (quote) {
      if (sign === "\\") at += 1;
      else if (sign === quote || sign === "\n") quote = "";
    } else if (sign === "'" || sign === '"') quote = sign;
    else if (sign === "#") at = endOfLine(text, at, place);
    else if ("([{".includes(sign)) opened.push({ at, argument: 0, isCall: sign === "(" });
    else if (")]}".includes(sign)) opened.pop();
    else if (sign === "," && opened.length) opened.at(-1).argument += 1;
  }
  const inmost = opened.at(-1);
  const name = inmost?.isCall && text.slice(start, inmost.at).match(/([A-Za-z_][\w.]*)\s*$/)?.[1];
  return name ? { name, argument: inmost.argument, isText: quote !== "" } : null;
}

function endOfLine(text, at, place) {
  const end = text.indexOf("\n", at);
  return end < 0 ? place : Math.min(end, place);
}

const last = (name) => name.split(".").at(-1);
const ownerOf = (dotted) => (dotted === "ActionType" ? dotted : /(^|\.)data$/.test(dotted) ? "data" : null);

// The words that may stand at a place, with where the one that is being written begins.
export function wordsAt({ words, values }, text, place) {
  const line = text.slice(text.lastIndexOf("\n", place - 1) + 1, place);
  const call = callAt(text, place);
  if (call?.isText) return textsAt({ words, values }, line, place, call);
  const member = line.match(/([A-Za-z_][\w.]*)\.(\w*)$/);
  if (member) {
    const owner = ownerOf(member[1]);
    return { from: place - member[2].length, found: owner ? words.filter((each) => each.owner === owner) : [] };
  }
  const begun = line.match(/\w*$/)[0];
  if (/^\d/.test(begun)) return { from: place, found: [] };
  const isDecision = call?.name === "Decision" && /[(,]\s*\w*$|^\s*\w*$/.test(line);
  const found = words.filter((each) => each.owner === "" || (isDecision && each.owner === "Decision"));
  return { from: place - begun.length, found };
}

function textsAt({ words, values }, line, place, call) {
  const begun = line.match(/["']([^"']*)$/)?.[1] ?? "";
  const parameter = line.match(/(\w+)\s*=\s*["'][^"']*$/)?.[1] ?? parameterOf(words, call);
  const found = (values[parameter] || []).map((name) => ({ owner: "", name, kind: "text", signature: `${parameter} "${name}"`, text: "" }));
  return { from: place - begun.length, found };
}

function parameterOf(words, { name, argument }) {
  const method = words.find((each) => each.owner === "data" && each.name === last(name));
  return method?.signature.match(/\(([^)]*)\)/)?.[1].split(",")[argument]?.match(/\w+/)?.[0];
}

// The word that a place is in or at the end of, with its ends; null where nothing is known of it.
export function wordAt({ words }, text, place) {
  const start = text.lastIndexOf("\n", place - 1) + 1;
  const end = text.indexOf("\n", place);
  const line = text.slice(start, end < 0 ? text.length : end);
  for (const each of line.matchAll(NAME)) {
    const [from, to] = [start + each.index, start + each.index + each[0].length];
    if (place < from || place > to) continue;
    const before = line.slice(0, each.index).match(/([A-Za-z_][\w.]*)\.$/)?.[1];
    const isKeyword = /^\s*=[^=]/.test(line.slice(each.index + each[0].length)) && callAt(text, from)?.name === "Decision";
    const owner = before === undefined ? (isKeyword ? "Decision" : "") : ownerOf(before);
    const word = words.find((known) => known.owner === owner && known.name === each[0]);
    return word ? { word, from, to } : null;
  }
  return null;
}

// What helps at a place: of the word there, or else of the call that the place is in.
export function helpAt(known, text, place) {
  const here = wordAt(known, text, place);
  if (here) return here.word;
  const call = callAt(text, place);
  return call ? known.words.find((each) => each.name === last(call.name) && each.kind !== "keyword") || null : null;
}
