// The API of a report: answers from the data that the file carries. It stands in the place of api.js there.

const data = JSON.parse(document.getElementById("data").textContent);

export async function get(path, query = {}) {
  const [, , , , part, index] = path.split("/");
  if (path === "/api/vocabulary") return data.vocabulary;
  if (path === "/api/klines") return data.klines[query.symbol];
  if (!part) return data.summary;
  if (part === "equity") return data.equity;
  if (part === "records") return data.records;
  if (part === "markers") return { columns: onlySymbol(data.markers, query.symbol) };
  if (part === "trades") return trades(query);
  if (index !== undefined) return data.triggers.find((trigger) => trigger.index === Number(index));
  return page(data.triggers.filter((trigger) => !query.only || data.trigger_kinds[query.only].includes(trigger.index)), query);
}

function page(rows, { offset = 0, limit = 50 }) {
  return { total: rows.length, offset, items: rows.slice(offset, offset + limit) };
}

function trades({ offset, limit, sort, descending, ...wanted }) {
  const given = Object.entries(wanted).filter(([, value]) => value);
  const rows = data.trades.filter((trade) => given.every(([name, value]) => trade[name] === value));
  const order = (a, b) => (a[sort] < b[sort] ? -1 : a[sort] > b[sort] ? 1 : 0);
  rows.sort(descending ? (a, b) => order(b, a) : order);
  return page(rows, { offset, limit });
}

function onlySymbol(columns, symbol) {
  const places = columns.symbol.map((each, place) => [each, place]).filter(([each]) => each === symbol).map(([, place]) => place);
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, places.map((place) => column[place])]));
}

export const post = () => Promise.reject(new Error("a report cannot change anything"));
export const remove = post;
export const watch = () => () => {};
