// The form of a download: what of a market of a venue, and from when to when.

import { post } from "../api.js";
import { h, options, put, select } from "../dom.js";

const DAY = 86400000;

export function downloadForm(forms, onJob) {
  const venue = h("input", { name: "download-venue", maxLength: 40, required: true, value: forms.venues[0], list: "venue-names" });
  const market = h("input", { name: "download-market", maxLength: 60, required: true, value: "BTC/USDT:USDT" });
  const kind = select({ name: "download-kind", onchange: () => (period.disabled = kind.value !== "klines") }, [["klines", "klines"], ["funding", "funding rates"]]);
  const period = select({ name: "download-period" }, forms.periods.map((each) => [each, each]));
  const now = Date.now();
  const day = (ms) => `${new Date(ms).toISOString().slice(0, 10)}T00:00`;
  const start = h("input", { type: "datetime-local", name: "download-start", required: true, value: day(now - 30 * DAY) });
  const end = h("input", { type: "datetime-local", name: "download-end" });
  const symbol = h("input", { name: "download-symbol", maxLength: 20, placeholder: "the coin" });
  const exchange = h("input", { name: "download-exchange", maxLength: 20, placeholder: "the venue" });
  const note = h("div", { className: "bad", role: "alert" }, forms.download_problem);
  const field = (title, input, hint) => h("label", { className: "field" }, h("span", {}, title), input, hint && h("span", { className: "hint" }, hint));
  const begin = h("button", { className: "primary", id: "download", disabled: Boolean(forms.download_problem) }, "Download");

  async function send(event) {
    event.preventDefault();
    put(note);
    const given = {
      venue_name: venue.value.trim(), market: market.value.trim(), symbol: symbol.value.trim() || null, exchange: exchange.value.trim() || null,
      kind: kind.value, period: period.value, start_time: `${start.value}Z`, end_time: end.value ? `${end.value}Z` : null,
    };
    try {
      await post("/api/data/downloads", given);
      await onJob();
    } catch (error) {
      put(note, error.problems?.map((each) => [each.field, each.message].filter(Boolean).join(": ")).join("; ") || error.message);
    }
  }

  return h(
    "section", { className: "card", "aria-label": "Download" }, h("h2", {}, "Download"),
    h("p", { className: "soft small" }, "Only what is missing is fetched, page by page; what has come stays. Venues and markets are named as ccxt names them."),
    h("datalist", { id: "venue-names" }, options(forms.venues.map((each) => [each, each]))),
    h(
      "form", { onsubmit: send },
      h(
        "div", { className: "fields wide" }, field("Venue", venue), field("Market", market, "such as BTC/USDT:USDT, a perpetual in USDT"), field("What", kind), field("Period", period),
        field("Start, UTC", start), field("End, UTC", end, "none: until now"), field("Store as symbol", symbol, "as programs will name it"), field("Store under exchange", exchange),
      ),
      note, h("div", { className: "row", style: "margin-top:10px" }, begin),
    ),
  );
}
