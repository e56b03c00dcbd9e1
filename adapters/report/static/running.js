// A back-test that is under way: its place in the queue, progress, equity so far, cancel.

import { LineSeries, createChart } from "./vendor/lightweight-charts.js";
import { get, remove, watch } from "./api.js";
import { chartOptions, colours, onTheme } from "./chart/look.js";
import { h, put, toast } from "./dom.js";
import { count, duration, number, time } from "./format.js";

const WAITING = "Waiting for a place";
const LOOK_MS = 1000; // so often it is asked where it stands

// `read` gives the result that is over, which `show` shows.
export function showRunning(page, result, read, show) {
  const bar = h("progress", { max: 100, value: 0, "aria-label": "Progress" });
  const stage = h("b", { id: "stage" }, WAITING);
  const figures = h("div", { className: "row soft num", id: "progress-figures" });
  const standing = h("div", { className: "soft small", id: "standing" });
  const cancel = h("button", { type: "button", className: "danger", id: "cancel", onclick: stop }, "Cancel");
  const box = h("div", { className: "chart low", role: "img", "aria-label": "Equity so far" });
  put(
    page,
    h("div", { className: "row end" }, h("h1", {}, `Back-test ${result.id}: ${result.program || ""}`), cancel),
    h("div", { className: "card" }, h("div", { className: "row end" }, stage, figures), bar, standing),
    h("div", { className: "card" }, h("h2", {}, "Equity so far"), box),
  );
  const chart = createChart(box, chartOptions());
  const line = chart.addSeries(LineSeries, { color: colours().accent, lineWidth: 2, priceLineVisible: false });
  const unthemed = onTheme(() => {
    chart.applyOptions(chartOptions());
    line.applyOptions({ color: colours().accent });
  });
  let last = 0;
  const seen = [];
  window.perpsim = { ...window.perpsim, progress: seen };

  // Where it stands: what the server does not tell is left out.
  function stand({ place, elapsed_ms: elapsed, left_ms: left }) {
    const isWaiting = place !== null && place !== undefined;
    if (isWaiting) put(stage, WAITING);
    else if (stage.textContent === WAITING) put(stage, "Starting");
    put(
      standing,
      [
        isWaiting && (place === 1 ? "It is the next one" : `${count(place - 1)} others come before it`),
        elapsed !== undefined && `${isWaiting ? "waiting" : "running"} for ${duration(elapsed)}`,
        left !== undefined && left !== null && `about ${duration(left)} left`,
      ].filter(Boolean).join(" · "),
    );
  }

  let isOver = false; // it is told by an event, and by where it stands: once is enough
  const end = async () => {
    if (isOver) return;
    isOver = true;
    const found = await read().catch(() => null); // a server that is away is told elsewhere, and asked again with the next look
    isOver = found !== null;
    if (found && page.isConnected) show(found);
  };

  stand(result.progress);
  const timer = setInterval(async () => {
    if (document.hidden) return;
    const found = await get(`/api/backtests/${result.id}`).catch(() => null); // it is told elsewhere that the server is away
    if (!page.isConnected || !found) return;
    if (found.progress) stand(found.progress);
    else if (found.status !== "running") end();
  }, LOOK_MS);

  const close = watch(result.id, (kind, data) => {
    if (kind === "calculating") put(stage, "Loading the market");
    if (kind === "init") put(stage, `Running, ${count(data.total)} triggers`);
    if (kind === "progress") progress(data);
    if (kind === "complete" || kind === "error") end();
  });

  function progress(data) {
    seen.push(data);
    bar.value = data.percent;
    put(stage, data.rule ? `Ambiguous klines: running again, ${data.rule}` : "Running");
    put(
      figures,
      `${count(data.current)} of ${count(data.total)} triggers · ${count(data.triggers_per_second)} a second · ${time(data.time)} UTC · ${number(data.percent, 1)} % · equity ${number(data.equity)} USD at ${time(data.equity_time)} UTC`,
    );
    const at = Math.floor(data.equity_time / 1000);
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
    clearInterval(timer);
    close();
    unthemed();
    chart.remove();
  };
}
