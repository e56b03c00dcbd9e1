// The settlements of funding as marks below the prices: good where the run received it, bad where it paid.

import { createSeriesMarkers } from "../../vendor/lightweight-charts.js";
import { get } from "../../api.js";
import { count, number } from "../../format.js";
import { words } from "../../vocabulary.js";
import { groupsOf } from "./groups.js";

const MOST_ASKED = 2000;
const MOST_WITH_TEXT = 40;

export class FundingMarks {
  constructor({ axis, address, prices, tell }) {
    Object.assign(this, { axis, address, prices, tell, groups: [], ...words.overlays.settlements, key: "settlements" });
  }

  attach() {
    this.markers = createSeriesMarkers(this.prices.series, []);
  }

  detach() {
    this.markers.detach();
    this.tell("settlements", "");
  }

  bring({ start, end }, symbol) {
    return get(`${this.address}/funding`, { symbol, start, end, points: MOST_ASKED });
  }

  draw({ time: times, rate_percent: rates, paid, count: counts, total, is_paid_stored: isStored }, look) {
    this.groups = groupsOf(this.axis, times).map(({ at, places }) => {
      const settled = places.reduce((sum, place) => sum + counts[place], 0);
      const usd = isStored ? places.reduce((sum, place) => sum + paid[place], 0) : null;
      const rate = places.reduce((sum, place) => sum + rates[place] * counts[place], 0) / settled;
      return { at, settled, usd, rate };
    });
    const withText = this.groups.length <= MOST_WITH_TEXT;
    this.markers.setMarkers(this.groups.map(({ at, usd, rate }) => ({ time: at / 1000, position: "belowBar", shape: "square", size: 0.5, color: usd ? (usd > 0 ? look.good : look.bad) : look.soft, text: withText ? `${number(rate, 4)} %` : "" })));
    const said = [total ? "" : "no rates are stored", isStored || !total ? "" : "what was paid is not stored"].filter(Boolean).join(", ");
    this.tell("settlements", said && `${this.label}: ${said}`);
  }

  told(values, at) {
    return this.groups.filter((group) => group.at === at).map(({ settled, usd, rate }) => `  ${this.label}${settled > 1 ? ` ×${count(settled)}, on average` : ""} ${number(rate, 4)} %${usd === null ? "" : usd ? `, ${usd > 0 ? "received" : "paid"} ${number(Math.abs(usd), 4)} USD` : ", nothing held"}`);
  }
}
