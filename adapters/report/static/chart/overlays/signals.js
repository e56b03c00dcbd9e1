// The triggers of signal pools as marks above the prices; a click on one chooses its trigger.

import { createSeriesMarkers } from "../../vendor/lightweight-charts.js";
import { get } from "../../api.js";
import { count } from "../../format.js";
import { words } from "../../vocabulary.js";
import { groupsOf } from "./groups.js";

const MOST_ASKED = 2000;
const MOST_WITH_TEXT = 40;

export class SignalMarks {
  constructor({ axis, address, prices, choose, tell }) {
    Object.assign(this, { axis, address, prices, choose, tell, groups: [], key: "signals", ...words.overlays.signals });
    this.onClick = ({ hoveredObjectId: id }) => {
      const group = this.groups.find((each) => each.id === id);
      if (group) this.choose(group.index);
    };
  }

  attach(chart) {
    this.chart = chart;
    this.markers = createSeriesMarkers(this.prices.series, []);
    chart.subscribeClick(this.onClick);
  }

  detach() {
    this.chart.unsubscribeClick(this.onClick);
    this.markers.detach();
    this.tell("signals", "");
  }

  bring({ start, end }, symbol) {
    return get(`${this.address}/signals`, { symbol, start, end, points: MOST_ASKED });
  }

  draw({ time: times, index, pool, total, given }, look) {
    this.groups = groupsOf(this.axis, times).map(({ at, places }) => ({ at, id: `signal ${index[places[0]]}`, index: index[places[0]], many: places.length, pools: [...new Set(places.map((place) => pool[place]))].join(", ") }));
    const withText = this.groups.length <= MOST_WITH_TEXT;
    this.markers.setMarkers(this.groups.map(({ at, id, many, pools }) => ({ time: at / 1000, position: "aboveBar", shape: "arrowDown", size: 0.7, color: look.others[1], id, text: withText ? `${pools}${many > 1 ? ` ×${many}` : ""}` : "" })));
    this.tell("signals", given < total ? `${this.label}: ${count(given)} of ${count(total)}` : total ? "" : `${this.label}: none is stored here`);
  }

  told(values, at) {
    return this.groups.filter((group) => group.at === at).map(({ index, many, pools }) => `  ${this.label} ${pools}${many > 1 ? ` ×${count(many)}` : ""} (trigger ${count(index)})`);
  }
}
