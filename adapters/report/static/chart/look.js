// How charts look: the colours of the theme, and what every chart of the page has.

import { CandlestickSeries, ColorType } from "../vendor/lightweight-charts.js";
import { time } from "../format.js";
import { rowsOf } from "./rows.js";

export function colours() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  return { card: value("--card"), text: value("--text"), soft: value("--soft"), line: value("--line"), accent: value("--accent"), good: value("--good"), bad: value("--bad"), warn: value("--warn"), others: ["--num", "--kw", "--str", "--fn"].map(value) };
}

// Redraw what is drawn on canvas when the theme is another one; what is returned ends that.
export function onTheme(restyle) {
  addEventListener("theme", restyle);
  return () => removeEventListener("theme", restyle);
}

// Whose charts they are stands at the foot of each page: a link inside of a picture could not be reached.
export function chartOptions() {
  const look = colours();
  return {
    autoSize: true,
    layout: { attributionLogo: false, background: { type: ColorType.Solid, color: look.card }, textColor: look.soft, panes: { separatorColor: look.line }, fontSize: 11 },
    grid: { vertLines: { color: look.line }, horzLines: { color: look.line } },
    rightPriceScale: { borderColor: look.line, minimumWidth: 76 },
    timeScale: { borderColor: look.line, timeVisible: true, secondsVisible: false, minBarSpacing: 0.05 },
    crosshair: { mode: 0 },
    localization: { locale: "en", timeFormatter: (seconds) => `${time(seconds * 1000)} UTC` },
  };
}

// What no series of a result's chart has: a line at its last value, and that value on the scale, whose numbers it would cover.
export const QUIET = { priceLineVisible: false, lastValueVisible: false };

export const candleColours = ({ good, bad }) => ({ upColor: good, downColor: bad, wickUpColor: good, wickDownColor: bad });

export const addCandles = (chart, more) => chart.addSeries(CandlestickSeries, { borderVisible: false, ...candleColours(colours()), ...more });

// Klines without prices are instants alone.
export const candlesOf = (klines) => rowsOf({ ...klines, time: klines.time.map((at) => at / 1000) }, klines.is_priced === false ? ["time"] : ["time", "open", "high", "low", "close"]);
