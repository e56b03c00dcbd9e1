// The line below the crosshair: what each part of the chart says at one instant, the close of the kline there. A value
// of another instant has its own time beside it.

import { h, put } from "../dom.js";
import { time } from "../format.js";

export class Legend {
  constructor(axis, first, parts) {
    Object.assign(this, { axis, first, parts, at: null, open: null });
    this.element = h("div", { className: "chart-legend", role: "status" });
  }

  attach(chart) {
    this.chart = chart;
    chart.subscribeCrosshairMove(({ time: at, seriesData }) => this.show(at, seriesData));
  }

  show(seconds, values) {
    if (seconds === undefined || this.axis.isEmpty) {
      Object.assign(this, { at: null, open: null });
      put(this.element, "");
      return;
    }
    const open = (this.open = seconds * 1000);
    this.at = this.axis.closeOf(open);
    const said = this.parts.flatMap((part) => part.said?.(this.at) ?? []).filter(Boolean);
    put(this.element, this.first.told(values, open), said.length ? `  at ${time(this.at).slice(11)}:` : "", said, this.parts.flatMap((part) => part.told?.(values, open) ?? []));
  }

  // Put the crosshair on the kline beside the one that is told of; from none, on the last of the window.
  step(by, [from, to]) {
    if (this.axis.isEmpty) return;
    const { times } = this.axis;
    const [first, last] = [from, to - 1].map((at) => Math.min(Math.max(Math.floor(this.axis.place(at)), 0), times.length - 1));
    const place = this.open === null ? last : Math.min(Math.max(Math.floor(this.axis.place(this.open)) + by, first), last);
    const [{ series }, at] = [this.first, times[place] / 1000];
    this.chart.setCrosshairPosition(series.dataByIndex(place)?.close ?? 0, at, series); // which tells nobody
    this.show(at, { get: (each) => each.dataByIndex(place) ?? undefined });
  }
}
