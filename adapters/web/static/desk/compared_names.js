// What results are called that stand beside one another: with what sets them apart.

import { text, time } from "../format.js";

const MOST = 4; // so many parameters are said
const day = (ms) => time(ms).slice(0, 10);
const OTHERS = { symbols: (item) => item.symbols.join(", "), exchange: (item) => item.exchange, schedule: (item) => text(item.schedule), range: (item) => `${day(item.start_time)} to ${day(item.end_time)}` };

// In what some results differ, as a text for each: their parameters, and where these are the same another thing.
export function setApart(items) {
  const differs = (valueOf) => new Set(items.map((item) => JSON.stringify(valueOf(item) ?? null))).size > 1;
  const names = [...new Set(items.flatMap((item) => Object.keys(item.parameters)))].filter((name) => differs((item) => item.parameters[name]));
  const more = names.length > MOST ? `, ${names.length - MOST} more` : "";
  const parts = Object.values(OTHERS).filter((valueOf) => differs(valueOf));
  return items.map((item) => {
    const parameters = names.slice(0, MOST).map((name) => `${name}=${text(item.parameters[name])}`).join(", ") + more;
    return [parameters, ...parts.map((valueOf) => valueOf(item))].filter(Boolean).join(" · ");
  });
}

// What one is called in a legend: by its name, else by its program and by what sets it apart.
export const calledIn = (item, apart) => `${item.label ?? [item.program, apart].filter(Boolean).join(", ")} (${item.id})`;
