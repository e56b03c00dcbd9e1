// Numbers and times as people read them. Times are UTC.

export const NONE = "–";

export function number(value, digits = 2, signed = false) {
  if (value === null || value === undefined) return NONE;
  if (typeof value !== "number") return String(value);
  // a value that is written as zero has no sign
  const shown = Math.abs(value) >= 1e12 ? value.toExponential(2) : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "negative" });
  return signed && value > 0 && /[1-9]/.test(shown) ? `+${shown}` : shown;
}

export const count = (value) => number(value, 0);

export function price(value, digits = 8) {
  if (value === null || value === undefined) return NONE;
  return value.toLocaleString("en", { maximumSignificantDigits: digits, signDisplay: "negative" });
}

export function time(ms) {
  return ms === null || ms === undefined ? NONE : new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}

export const tone = (value) => (value > 0 ? "good" : value < 0 ? "bad" : "");
export const text = (value) => (value === null || value === undefined ? NONE : Array.isArray(value) && value.every((each) => typeof each === "string") ? value.join(", ") : typeof value === "object" ? JSON.stringify(value) : String(value));

// A length of time: in seconds below a minute, in days from two of them on.
export function duration(ms) {
  if (ms < 60000) return `${number(ms / 1000, 0)} s`;
  const minutes = Math.floor(ms / 60000);
  if (minutes >= 2880) return `${number(ms / 86400000, 1)} days`;
  return minutes < 60 ? `${minutes}m` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

const sum = (values) => Object.values(values).reduce((total, value) => total + value, 0);
const WRITTEN = {
  usd: (value, signed) => number(value, 2, signed),
  percent: (value, signed) => `${number(value, 2, signed)} %`,
  ratio: (value, signed) => number(value, 2, signed),
  times: (value) => `${number(value, 1)} ×`,
  count,
  duration,
  ms: (value) => `${number(value / 1000, 2)} s`,
  price: (value) => price(value, 7),
  size: (value) => price(value, 6),
  moment: (value) => (value ? time(value) : NONE),
  flag: (value) => (value ? "yes" : "no"),
  rows: (value) => count(value.length),
  counts: (value) => count(sum(value)),
};

// The units of numbers: they stand to the right.
export const NUMBERS = new Set(["usd", "percent", "ratio", "times", "count", "ms", "duration", "price", "size"]);

// A value by its unit; of what is listed or counted by name, how many there are.
export function written({ unit, signed }, value) {
  return value === null || value === undefined ? NONE : (WRITTEN[unit] ?? text)(value, signed);
}
