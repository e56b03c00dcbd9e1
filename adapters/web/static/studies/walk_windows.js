// The windows of a walk-forward: what was chosen in each, what that came to afterwards, and all tests as one curve.

import { LineSeries, createChart } from "../vendor/lightweight-charts.js";
import { get } from "../api.js";
import { chartOptions, colours, onTheme } from "../chart/look.js";
import { h, put, scrolled } from "../dom.js";
import { count, number, time, tone } from "../format.js";
import { figureLabel, figureText, valuesText } from "./study_words.js";

const ACCOUNTS = { carried: "the account is carried on from test to test", restarted: "each test begins with the initial balance, and returns compound" };

export function walkWindows(study) {
  const summary = h("p", {});
  const windows = scrolled("Windows, table");
  const box = h("div", { className: "chart low", role: "img", "aria-label": "Equity of all tests, one after another, in USD; the windows stand in the table below" });
  const element = h("section", { className: "card", "aria-label": "Windows" }, h("h2", {}, "Out of sample"), summary, box, h("h2", { style: "margin-top:12px" }, "Windows"), windows);
  const metric = study.metrics[0].name;
  let chart = null;
  let line = null;

  async function refresh() {
    const walked = await get(`/api/studies/${study.id}/walk`);
    const { figures } = walked;
    put(
      summary,
      `${count(figures.tested)} of ${count(figures.windows)} windows are tested`,
      figures.tests_return_percent === null ? null : [", which came to ", h("b", { className: tone(figures.tests_return_percent) }, percent(figures.tests_return_percent))],
      figures.consistency === null ? null : `; ${number(100 * figures.consistency, 0)} % of them made a profit`,
      figures.efficiency === null ? null : `; annual return out of sample is ${number(figures.efficiency)} of that in sample`,
      walked.account ? `; ${ACCOUNTS[walked.account]}` : null, ". Times are UTC.",
    );
    put(windows, table(walked.windows));
    draw(walked);
  }

  function draw({ timestamp, equity }) {
    chart?.remove();
    chart = createChart(box, chartOptions());
    line = chart.addSeries(LineSeries, { color: colours().accent, lineWidth: 2, priceLineVisible: false });
    line.setData(timestamp.map((at, place) => ({ time: Math.floor(at / 1000), value: equity[place] })));
    chart.timeScale().fitContent();
    window.perpsim = { ...window.perpsim, joined: equity };
  }

  function table(rows) {
    const heads = ["Window", "Training", "Test", "Chosen", `In sample: ${figureLabel(metric)}`, "Return", `Out of sample: ${figureLabel(metric)}`, "Return", "Trades", "Remark"];
    const numeric = new Set([4, 5, 6, 7, 8]);
    const span = (from, to) => `${time(from)} to ${time(to)}`;
    const cells = (row) => [
      count(row.window), span(row.train_from, row.train_to), span(row.test_from, row.test_to), valuesText(row.parameters) || "–",
      figureText(metric, row.in_metric), percent(row.in_return_percent), figureText(metric, row.out_metric), !row.is_tested ? "–" : percent(row.out_return_percent),
      !row.is_tested ? "–" : count(row.trades), row.remark ?? (row.failed ? `${count(row.failed)} of ${count(row.tried)} trainings failed` : ""),
    ];
    return h(
      "table", { "aria-label": "Windows" },
      h("thead", {}, h("tr", {}, heads.map((head, place) => h("th", { scope: "col", className: numeric.has(place) ? "num" : "" }, head)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, cells(row).map((each, place) => h("td", { className: numeric.has(place) ? "num" : "wrap" }, each))))),
    );
  }

  const unthemed = onTheme(() => {
    chart?.applyOptions(chartOptions());
    line?.applyOptions({ color: colours().accent });
  });
  const leave = () => {
    unthemed();
    chart?.remove();
  };
  return { element, refresh, leave };
}

const percent = (value) => (value === null ? "–" : `${number(value, 2, true)} %`);
