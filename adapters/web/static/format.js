// Numbers and times as people read them. Times are UTC.

const NONE = "–";

export function number(value, digits = 2, signed = false) {
  if (value === null || value === undefined) return NONE;
  if (typeof value !== "number") return String(value);
  const shown = Math.abs(value) >= 1e12 ? value.toExponential(2) : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return signed && value > 0 ? `+${shown}` : shown;
}

export const count = (value) => number(value, 0);
export const percent = (value, signed = false) => (value === null || value === undefined ? NONE : `${number(value, 2, signed)} %`);

export function price(value) {
  if (value === null || value === undefined) return NONE;
  return value.toLocaleString("en", { maximumSignificantDigits: 8 });
}

export function time(ms) {
  return ms === null || ms === undefined ? NONE : new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}

export function duration(ms) {
  const minutes = Math.round(ms / 60000);
  if (minutes < 60) return `${minutes}m`;
  if (minutes < 2880) return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
  return `${(minutes / 1440).toFixed(1)} days`;
}

export const tone = (value) => (value > 0 ? "good" : value < 0 ? "bad" : "");
export const text = (value) => (value === null || value === undefined ? NONE : typeof value === "object" ? JSON.stringify(value) : String(value));
