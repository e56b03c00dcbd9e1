// What a chart is given of the marks and lines of a report: the same as a server answers.

import { rowsOf } from "./chart/rows.js";
import { within } from "./instants.js";
import { lowerBound } from "./packed.js";

const ENTRIES = ["entry", "add"];

const chosen = (columns, places) => Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, places.map((place) => column[place])]));

export function marksWindow({ marks, note }, { symbol, start, end, most, per, without = "" }) {
  const hidden = new Set(without.split(","));
  const places = [];
  const stop = lowerBound(marks.time, end + 1);
  for (let place = lowerBound(marks.time, start); place < stop; place += 1) {
    if (marks.symbol[place] === symbol && !hidden.has(marks.kind[place])) places.push(place);
  }
  const isAddedUp = Boolean(per) && places.length > most;
  const given = isAddedUp ? [] : places.slice(0, most);
  const bars = isAddedUp ? addedUp(marks, places, per) : [];
  return {
    note,
    total: places.length,
    given: isAddedUp ? places.length : given.length,
    per: isAddedUp ? per : null,
    kinds: kindsOf(marks),
    columns: chosen(marks, given),
    bars: Object.fromEntries(["time", "count", "entries", "exits", "wins", "losses", "others", "pnl"].map((name) => [name, bars.map((bar) => bar[name])])),
  };
}

// What became of the orders that were decided at a trigger.
export const marksOfTrigger = (marks, index) => rowsOf(marks).filter(({ trigger }) => trigger === index);

function kindsOf({ kind: all }) {
  const kinds = {};
  for (const kind of all) kinds[kind] = (kinds[kind] ?? 0) + 1;
  return kinds;
}

function addedUp(marks, places, per) {
  const bars = new Map();
  for (const place of places) {
    const at = within(marks.time[place], marks.at_open[place]);
    const time = at - (at % per);
    if (!bars.has(time)) bars.set(time, { time, count: 0, entries: 0, exits: 0, wins: 0, losses: 0, others: 0, pnl: 0 });
    const bar = bars.get(time);
    const pnl = marks.pnl[place];
    const isEntry = ENTRIES.includes(marks.kind[place]);
    const isExit = pnl !== null && marks.kind[place] !== "open";
    bar.count += 1;
    bar.entries += isEntry;
    bar.exits += isExit;
    bar.wins += isExit && pnl > 0;
    bar.losses += isExit && pnl < 0;
    bar.others += !isEntry && !isExit;
    bar.pnl += isExit ? pnl : 0;
  }
  return [...bars.values()];
}

export function linesWindow({ lines, note }, { symbol, start = 0, end = Infinity, most, trade }) {
  const places = [...lines.start.keys()].filter((place) => lines.start[place] <= end && lines.end[place] >= start && (symbol === undefined || lines.symbol[place] === symbol));
  const wanted = trade === undefined ? places : ofTrade(lines, places, trade);
  const given = wanted.slice(0, most);
  return { note, total: wanted.length, given: given.length, columns: chosen(lines, given) };
}

// The lines of the position that a trade closed, up to its exit.
function ofTrade(lines, places, trade) {
  const own = places.filter((place) => lines.trade[place] === trade);
  const positions = new Set(own.map((place) => lines.position[place]));
  const last = own.reduce((latest, place) => Math.max(latest, lines.end[place]), 0);
  return places.filter((place) => positions.has(lines.position[place]) && (lines.trade[place] === trade || lines.start[place] < last));
}
