// The stored studies, and those that are under way.

import { get } from "../api.js";
import { h, pagedTable, put, select } from "../dom.js";
import { columnsOf } from "../figures.js";
import { number } from "../format.js";
import { bestText, leftText, studyForm } from "../studies/study_words.js";

const AGAIN_MS = 2000;
const OF_RESULTS = ["program", "symbols", "start_time", "end_time", "created_at"];

export async function showStudies(page) {
  const [{ kinds }, { columns }] = await Promise.all([studyForm(), get("/api/desk")]);
  const titles = Object.fromEntries(kinds.map((each) => [each.kind, each.title]));
  let timer = null;
  const kind = select({ "aria-label": "Kind", style: "width:auto", onchange: () => table.refresh(true) }, [["", "any kind"], ...Object.entries(titles)]);
  const shared = columnsOf(columns.filter((column) => OF_RESULTS.includes(column.key)));

  async function load({ offset, limit }) {
    const found = await get("/api/studies", { offset, limit, kind: kind.value });
    clearTimeout(timer);
    if (found.items.some((item) => item.status === "running")) timer = setTimeout(again, AGAIN_MS);
    return found;
  }

  // A page that nobody looks at asks for nothing, and one whose row has the focus keeps it.
  function again() {
    if (!page.isConnected) return;
    const isBusy = document.hidden || table.element.contains(document.activeElement);
    if (isBusy) timer = setTimeout(again, AGAIN_MS);
    else table.refresh();
  }

  const table = pagedTable({
    label: "Studies",
    size: 25,
    load,
    onRow: (item) => (location.hash = `#/studies/${item.id}`),
    columns: [
      { title: "Id", number: true, show: (item) => h("a", { href: `#/studies/${item.id}` }, item.id) },
      { title: "Kind", show: (item) => [titles[item.kind] ?? item.kind, item.label ? h("span", { className: "soft small" }, ` ${item.label}`) : null] },
      { title: "Status", show: (item) => h("span", { className: `badge ${item.status}`, title: item.error || "" }, item.status) },
      { title: "Progress", wrap: true, show: progressText },
      ...shared,
    ],
  });
  put(
    page,
    h("div", { className: "row end" }, h("h1", {}, "Studies"), h("div", { className: "row" }, kind, h("a", { className: "button", href: "#/studies/new" }, "New study"))),
    h("div", { className: "card" }, table.element),
  );
  return () => clearTimeout(timer);
}

function progressText(item) {
  const now = item.progress ?? {};
  const done = now.done ?? item.done;
  const total = now.total ?? item.planned;
  const waits = now.stage === "queued" ? "waiting for a place" : null;
  const failed = item.failed ? `${item.failed.toLocaleString("en")} failed` : null;
  const counted = total === null ? done.toLocaleString("en") : `${done.toLocaleString("en")} of ${total.toLocaleString("en")}`;
  return [waits ?? counted, failed, now.best ? `best so far ${bestText(now.best)}` : bestOf(item), leftText(now.left_s)].filter(Boolean).join(", ");
}

const CHOOSING = ["sweep", "search"];

function bestOf(item) {
  if (item.tests) return `out of sample ${number(item.tests_return_percent, 2, true)} % in ${item.tests.toLocaleString("en")} tests`;
  if (!CHOOSING.includes(item.kind) || item.best_number === null) return null;
  return `best ${bestText({ figure: item.metric, value: item.best_value, values: item.best })}`;
}
