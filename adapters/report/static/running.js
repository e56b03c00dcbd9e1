// A back-test that is under way: progress, equity so far, cancel.

import { LineSeries, createChart } from "./vendor/lightweight-charts.js";
import { remove, watch } from "./api.js";
import { chartOptions, colours } from "./chart/look.js";
import { h, put, toast } from "./dom.js";
import { count, number, time } from "./format.js";

export function showRunning(page, result, onOver) {
  const bar = h("progress", { max: 100, value: 0, "aria-label": "Progress" });
  const stage = h("b", { id: "stage" }, "Waiting for a place");
  const figures = h("div", { className: "row soft num", id: "progress-figures" });
  const cancel = h("button", { type: "button", className: "danger", id: "cancel", onclick: stop }, "Cancel");
  const box = h("div", { className: "chart low", role: "img", "aria-label": "Equity so far" });
  put(
    page,
    h("div", { className: "row end" }, h("h1", {}, `Back-test ${result.id}: ${result.program || ""}`), cancel),
    h("div", { className: "card" }, h("div", { className: "row end" }, stage, figures), bar),
    h("div", { className: "card" }, h("h2", {}, "Equity so far"), box),
  );
  const chart = createChart(box, chartOptions());
  const line = chart.addSeries(LineSeries, { color: colours().accent, lineWidth: 2, priceLineVisible: false });
  let last = 0;
  const seen = [];
  window.perpsim = { ...window.perpsim, progress: seen };

  const close = watch(result.id, (kind, data) => {
    if (kind === "calculating") put(stage, "Loading the market");
    if (kind === "init") put(stage, `Running, ${count(data.total)} triggers`);
    if (kind === "progress") progress(data);
    if (kind === "complete" || kind === "error") onOver(kind, data);
  });

  function progress(data) {
    seen.push(data);
    bar.value = data.percent;
    put(stage, data.rule ? `Ambiguous klines: running again, ${data.rule}` : "Running");
    put(
      figures,
      `${count(data.current)} of ${count(data.total)} triggers · ${count(data.triggers_per_second)} a second · ${time(data.time)} · equity ${number(data.equity)} · ${number(data.percent, 1)} %`,
    );
    const at = Math.floor(data.time / 1000);
    if (at > last && data.equity !== null && !data.rule) {
      line.update({ time: at, value: data.equity });
      last = at;
      chart.timeScale().fitContent();
    }
  }

  async function stop() {
    cancel.disabled = true;
    try {
      await remove(`/api/backtests/${result.id}`);
      toast("Cancelled");
    } catch (error) {
      toast(error.message);
    }
  }

  return () => {
    close();
    chart.remove();
  };
}
