// What the list of results shows, as it stands in the address: filters, order, columns, page, chosen ones.

export const MOST_COMPARED = 20;
const LISTS = { state: [], tag: [], where: [], columns: [], chosen: [] };
const TEXTS = { q: "", symbol: "", exchange: "", program: "", since: "", until: "", starred: "", deleted: "", sort: "id", descending: "true", offset: "0" };
const KEPT_COLUMNS = "perpsim.columns";

// Conditions may have commas, other lists are of words that have none.
export function readAddress(query) {
  const given = new URLSearchParams(query ?? "");
  const view = Object.fromEntries(Object.entries(TEXTS).map(([name, none]) => [name, given.get(name) ?? none]));
  for (const name of Object.keys(LISTS)) view[name] = name === "chosen" ? (given.get(name) ?? "").split(",").filter(Boolean) : given.getAll(name);
  view.offset = Math.max(0, Math.trunc(Number(view.offset)) || 0);
  view.descending = view.descending !== "false";
  view.chosen = new Set(view.chosen.map(Number).filter(Number.isInteger));
  if (!view.columns.length) view.columns = JSON.parse(localStorage.getItem(KEPT_COLUMNS) ?? "null") ?? [];
  return view;
}

// Note it, unless another page has taken the place of the list meanwhile.
export function writeAddress(view) {
  if (!location.hash.startsWith("#/history")) return;
  const given = new URLSearchParams();
  for (const [name, none] of Object.entries(TEXTS)) if (String(view[name]) !== none) given.set(name, view[name]);
  for (const name of Object.keys(LISTS)) if (name !== "chosen") for (const each of view[name]) given.append(name, each);
  if (view.chosen.size) given.set("chosen", [...view.chosen].join(","));
  history.replaceState(null, "", given.size ? `#/history?${given}` : "#/history");
}

export const keepColumns = (columns) => localStorage.setItem(KEPT_COLUMNS, JSON.stringify(columns));

// What the server is asked for.
export function asked(view) {
  const day = (text, end) => (text ? Date.parse(`${text}T00:00:00Z`) + (end ? 86400000 - 1 : 0) : "");
  const { q, state, symbol, exchange, program, tag, starred, where, sort, descending, offset, deleted } = view;
  return { q: q.trim(), state, symbol: symbol.trim(), exchange: exchange.trim(), program: program.trim(), tag, starred, where, sort, descending, offset, deleted, since: day(view.since, false), until: day(view.until, true) };
}

export const isFiltered = (view) => ["q", "symbol", "exchange", "program", "since", "until", "starred"].some((name) => view[name]) || ["state", "tag", "where"].some((name) => view[name].length);
