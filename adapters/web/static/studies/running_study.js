// A study that is under way: how far it is, the best so far, cancel.

import { remove, watch } from "../api.js";
import { h, put, toast } from "../dom.js";
import { count, duration } from "../format.js";
import { bestText, leftText } from "./study_words.js";

// `onMore` is called when more trials are done, `onOver` at its end. Returns the element, and how to stop watching.
export function runningStudy(study, onMore, onOver) {
  const bar = h("progress", { max: 1, value: 0, "aria-label": "Progress" });
  const stage = h("b", { id: "stage" }, "Waiting for a place");
  const figures = h("span", { className: "soft num", id: "progress-figures" });
  const best = h("p", { id: "best-so-far", "aria-live": "polite" });
  const cancel = h("button", { type: "button", className: "danger", id: "cancel", onclick: stop }, "Cancel");
  const element = h("div", { className: "card", id: "running-study" }, h("div", { className: "row end" }, stage, figures, cancel), bar, best);
  const close = watch(
    study.id,
    (kind, data) => {
      if (kind === "calculating") put(stage, "Loading the market");
      if (kind === "init") put(stage, "Running");
      if (kind === "progress") progress(data);
      if (kind === "complete" || kind === "error") onOver(kind, data);
    },
    "studies",
  );

  function progress(data) {
    const { done, total, step } = data;
    put(stage, `Running: ${step}`);
    bar.max = total || 1;
    bar.value = total ? done : 0;
    put(figures, [`${count(done)} of ${total === null ? "?" : count(total)}`, `${duration(data.seconds * 1000)} so far`, leftText(data.left_s)].filter(Boolean).join(" · "));
    if (data.best) put(best, "Best so far: ", h("b", {}, bestText(data.best)), ` in trial ${count(data.best.number)}`);
    onMore(data);
  }

  async function stop() {
    cancel.disabled = true;
    put(stage, "Stopping");
    try {
      await remove(`/api/studies/${study.id}`);
    } catch (error) {
      toast(error.message);
      cancel.disabled = false;
    }
  }

  return { element, close };
}
