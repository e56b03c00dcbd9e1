// The API of a report: answers from the data that the file carries. It stands in the place of api.js there.

import { tradesIn } from "./few_bytes.js";
import { linesWindow, marksOfTrigger, marksWindow } from "./mark_windows.js";
import { curve, inflated, klines, lowerBound, parsed } from "./packed.js";

const SOON_MS = 200; // all of what is shown in short is taken apart when that has been painted
const blocks = new Map();

// A block of the file, read when it is asked for first.
function block(id, read) {
  if (!blocks.has(id)) blocks.set(id, read(document.getElementById(id)?.textContent));
  return blocks.get(id);
}

const result = () => block("result", parsed);
const listed = (name) => block(name, parsed);
const tradeColumns = () => block("trades", tradesIn);

export async function get(path, query = {}) {
  const [, , , , part, index, action] = path.split("/");
  if (part === "triggers") return index === undefined ? triggers(query) : trigger(Number(index), query);
  if (part === "summary-tables") return listed("summary");
  if (path === "/api/vocabulary") return (await result()).vocabulary;
  if (path === "/api/klines") return klinesOf(query);
  if (!part) return (await result()).summary;
  if (part === "equity") return equity(query);
  if (part === "records") return records(query);
  if (part === "hold" || part === "exposure") return windowOf((await listed("curves"))[part], query);
  if (part === "indicators") return { indicators: [] };
  if (part === "signals") return signals(query);
  if (part === "markers") return marksWindow(await tradeColumns(), query);
  if (part === "brackets") return linesWindow(await tradeColumns(), query);
  if (part === "trades" && action === "explanation") return explanation(index);
  if (part === "trades" && index !== undefined) return trade(Number(index));
  if (part === "trades") return trades(await block("items", items), query, (await result()).vocabulary);
  throw new Error("this file does not have that");
}

// A trade by its number from 1 on, with its triggers.
async function trade(number) {
  const all = await block("items", items);
  if (!all[number - 1]) throw new Error(`there is no trade ${number}: it has ${all.length} closed trades`);
  const { links, links_note: note } = await tradeColumns();
  return { ...all[number - 1], triggers: links[number - 1], triggers_note: note, total: all.length };
}

// The triggers of the file that are looked for, in order of time.
async function wantedTriggers({ only, trigger_type: type, symbol, q = "" }) {
  const { items: all, kinds } = await listed("triggers");
  const isOfKind = only ? new Set(kinds[only]) : null;
  const text = q.toLowerCase();
  const says = (trigger) => [trigger.reason, trigger.error, ...(trigger.logs ?? [])].some((each) => each?.toLowerCase().includes(text));
  return all.filter((each) => (!isOfKind || isOfKind.has(each.index)) && (!type || each.trigger_type === type) && (!symbol || ["", symbol].includes(each.symbol)) && (!text || says(each)));
}

async function triggers({ offset = 0, limit = 50, sort, descending, since, index, ...wanted }) {
  const rows = await wantedTriggers(wanted);
  const stored = (await result()).summary.triggers_saved;
  if (since === undefined && index === undefined) return { ...page(sort ? sorted(rows, sort, descending) : rows, { offset, limit }), stored, found: null };
  const place = rows.findIndex((each) => (since === undefined ? each.index >= Number(index) : each.timestamp >= since));
  const from = place < 0 ? rows.length : place;
  return { ...page(rows, { offset: from - (from % limit), limit }), stored, found: rows[place]?.index ?? null };
}

// A trigger with the trades that it had to do with, and its neighbours among those that are looked for.
async function trigger(index, wanted) {
  const found = (await listed("triggers")).items.find((each) => each.index === index);
  if (!found) throw new Error(`trigger ${index} is not in this file`);
  const rows = await wantedTriggers(wanted);
  const after = rows.findIndex((each) => each.index > index);
  const end = after < 0 ? rows.length : after;
  const before = rows[end - 1]?.index === index ? end - 1 : end;
  return { ...found, trades: await tradesOf(index), marks: marksOfTrigger((await tradeColumns()).marks, index), previous: rows[before - 1]?.index ?? null, next: rows[end]?.index ?? null, place: end, among: rows.length };
}

async function tradesOf(index) {
  const { links } = await tradeColumns();
  return links.flatMap((each, place) =>
    each.flatMap(({ role, trigger: known, candidates }) => [
      ...(known === index ? [{ number: place + 1, role }] : []),
      ...(candidates.includes(index) ? [{ number: place + 1, role: `may have ${role}` }] : []),
    ]),
  );
}

async function items() {
  const columns = (await tradeColumns()).items;
  const names = Object.keys(columns);
  return columns.index.map((_, place) => Object.fromEntries(names.map((name) => [name, columns[name][place]])));
}

// What led to a trade, by its number from 1 on; null where the page has none of it.
async function explanation(number) {
  return document.getElementById("explained") ? ((await listed("explained"))[number - 1] ?? null) : null;
}

// A series in the level with all of it, or in the short one, which is as good for what is no finer than that.
async function level(name, read, isShort) {
  const ids = (await result()).levels[name];
  return block(isShort ? ids.at(-1) : ids[0], read);
}

// The part of columns that lies in a window, with how many instants are given.
function windowOf(columns, { start = 0, end = Infinity }) {
  const { timestamp } = columns;
  const [from, to] = [lowerBound(timestamp, start), lowerBound(timestamp, end + 1)];
  const parts = Object.entries(columns).map(([name, column]) => [name, column?.length === timestamp.length ? column.slice(from, to) : column]);
  return { ...Object.fromEntries(parts), given: to - from };
}

// The curve of a window: of all of it in the short level, or of less than half of it with every point.
async function equity(query) {
  const short = await level("equity", equityOf, true);
  const span = short.timestamp.at(-1) - short.timestamp[0];
  const isShort = query.end - query.start >= span / 2;
  const found = windowOf(isShort ? short : await level("equity", equityOf, false), query);
  return { ...found, total: found.given, is_whole: true };
}

async function records(query) {
  const { records: known } = await result();
  return Object.fromEntries(Object.entries(known).map(([name, columns]) => [name, windowOf(columns, query)]));
}

// Of the triggers that the file has those of signal pools.
async function signals({ symbol, start, end }) {
  const found = (await listed("triggers")).items.filter((each) => each.trigger_type === "signal" && each.symbol === symbol && each.timestamp >= start && each.timestamp <= end);
  return { total: found.length, given: found.length, time: found.map((each) => each.timestamp), index: found.map((each) => each.index), pool: found.map((each) => each.saw?.signal_pool_name ?? "") };
}

// A curve with its fall below its peak.
async function equityOf(text) {
  const { timestamp, value } = curve(await inflated(text));
  const [drawdown, percent] = [new Float64Array(value.length), new Float64Array(value.length)];
  for (let place = 0, peak = -Infinity; place < value.length; place += 1) {
    peak = Math.max(peak, value[place]);
    drawdown[place] = peak - value[place];
    percent[place] = peak > 0 ? (100 * drawdown[place]) / peak : 0;
  }
  return { timestamp, equity: value, drawdown, drawdown_percent: percent };
}

// What the server answers: the klines of a window, in the shortest period in which they are few enough. Without prices
// they are empty, of the instants of the curve.
async function klinesOf({ symbol, start, end, points }) {
  const { periods, prices } = await result();
  const name = prices[symbol];
  const series = name ? (isShort) => level(name, klinesIn, isShort) : async () => timesAlone(await level("equity", equityOf, false));
  const chosen = (least) => {
    const fitting = Object.entries(periods).filter(([, length]) => length >= least);
    return fitting.find(([, each]) => (end - start) / each <= points) ?? fitting.at(-1);
  };
  let base = await series(true);
  let [period, length] = chosen(0);
  if (length % base.period_ms) {
    base = await series(false);
    [period, length] = chosen(base.period_ms);
  } else setTimeout(() => series(false), SOON_MS);
  return { symbol, period, period_ms: length, is_priced: Boolean(name), ...grouped(base, start, end, length), ...(await volumeOf(symbol, start, end, length)) };
}

// The volumes of klines of a length, in the period in which the file has them or a longer one: none is rounded.
async function volumeOf(symbol, start, end, length) {
  const known = (await listed("curves")).volumes?.[symbol];
  if (!known) return {};
  if (length % known.period_ms) return { volume_note: "Volume: the file has it of longer klines, zoom out to see it" };
  const sums = new Map();
  const first = lowerBound(known.time, start - (start % length));
  for (let place = first; place < known.time.length && known.time[place] < end; place += 1) {
    const at = known.time[place] - (known.time[place] % length);
    sums.set(at, (sums.get(at) ?? 0) + known.volume[place]);
  }
  return { volumes: sums };
}

const klinesIn = async (text) => klines(await inflated(text));

function timesAlone({ timestamp }) {
  const none = new Float64Array(timestamp.length).fill(NaN);
  return { period_ms: 60000, time: timestamp, open: none, high: none, low: none, close: none };
}

// The klines of a range put together into longer ones.
function grouped(base, start, end, length) {
  const { time: times, open, high: highs, low: lows, close } = base;
  const found = { time: [], open: [], high: [], low: [], close: [] };
  const stop = lowerBound(times, end);
  let row = lowerBound(times, start - (start % length));
  while (row < stop) {
    const at = times[row] - (times[row] % length);
    const next = Math.min(lowerBound(times, at + length, row), stop);
    found.time.push(at);
    found.open.push(open[row]);
    let high = highs[row];
    let low = lows[row];
    for (; row < next; row += 1) {
      if (highs[row] > high) high = highs[row];
      if (lows[row] < low) low = lows[row];
    }
    found.high.push(high);
    found.low.push(low);
    found.close.push(close[row - 1]);
  }
  return found;
}

function page(rows, { offset = 0, limit = 50 }) {
  return { total: rows.length, offset, items: rows.slice(offset, offset + limit) };
}

function trades(all, { offset, limit, sort, descending, ...wanted }, words) {
  const given = Object.entries(wanted).filter(([, value]) => value);
  const rows = all.filter((trade) => given.every(([name, value]) => trade[name] === value));
  const summed = words.columns.trades.filter(({ unit }) => unit === "usd").map(({ key }) => key);
  const sums = Object.fromEntries(summed.map((key) => [key, rows.reduce((total, trade) => total + (trade[key] ?? 0), 0)]));
  return { ...page(sorted(rows, sort, descending), { offset, limit }), sums };
}

// Rows by a field; those that lack it come last.
function sorted(rows, sort, descending) {
  const lacks = (row) => row[sort] === null || row[sort] === undefined;
  const order = (a, b) => (a[sort] < b[sort] ? -1 : a[sort] > b[sort] ? 1 : 0);
  return [...rows].sort((a, b) => lacks(a) - lacks(b) || (descending ? order(b, a) : order(a, b)));
}

export const post = () => Promise.reject(new Error("a report cannot change anything"));
export const remove = post;
export const watch = () => () => {};
