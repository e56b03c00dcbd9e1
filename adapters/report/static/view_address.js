// What a page shows stands behind "?" in its address: a copy of it opens the same, and the browser goes back through it.

// What stands there.
export const queryOf = (address) => new URLSearchParams(address.split("?")[1] ?? "");

// Note there what is shown now; a value of null takes its name away. One can go back to what stood there before, unless
// it is noted quietly. A page inside another one has no address.
export function note(changes, isQuiet = false) {
  if (location.protocol === "about:") return;
  const [path, before] = location.hash.split("?");
  const query = new URLSearchParams(before);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined) query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  const address = text ? `${path || "#"}?${text}` : path || "#";
  if (address === (location.hash || "#")) return;
  if (isQuiet) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
}

// A whole number of an address, null where there is none.
export function numberOf(query, name) {
  const text = query.get(name);
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
