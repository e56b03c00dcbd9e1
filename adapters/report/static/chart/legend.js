// The line below the crosshair: what each part of the chart says at one instant, the close of the kline there. A value
// of another instant has its own time beside it.

import { h, put } from "../dom.js";
import { time } from "../format.js";

export class Legend {
  constructor(axis, first, parts) {
    Object.assign(this, { axis, first, parts, at: null });
    this.element = h("div", { className: "chart-legend" });
  }

  attach(chart) {
    chart.subscribeCrosshairMove(({ time: at, seriesData }) => this.show(at, seriesData));
  }

  show(seconds, values) {
    if (seconds === undefined || this.axis.isEmpty) {
      this.at = null;
      put(this.element, "");
      return;
    }
    const open = seconds * 1000;
    this.at = this.axis.closeOf(open);
    const said = this.parts.flatMap((part) => part.said?.(this.at) ?? []).filter(Boolean);
    put(this.element, this.first.told(values, open), said.length ? `  at ${time(this.at).slice(11)}:` : "", said, this.parts.flatMap((part) => part.told?.(values, open) ?? []));
  }
}
