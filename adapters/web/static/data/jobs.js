// Imports and downloads: how far they are, how they ended. What runs is asked after while the page is looked at.

import { get, remove } from "../api.js";
import { h, put } from "../dom.js";
import { count, duration, time } from "../format.js";

const AGAIN_MS = 700;
const BADGES = { running: "running", completed: "completed" };

export class JobList {
  // `onEnd` hears that a job has ended.
  constructor(onEnd) {
    Object.assign(this, { onEnd, running: new Set(), isLeft: false, timer: null });
    this.body = h("div", { className: "parts", "aria-live": "polite" });
    this.note = h("p", { className: "bad", role: "alert" });
    this.element = h("section", { className: "card", "aria-label": "Imports and downloads" }, h("h2", {}, "Imports and downloads"), this.note, this.body);
    this.awake = () => document.hidden || this.refresh();
    document.addEventListener("visibilitychange", this.awake);
  }

  leave() {
    this.isLeft = true;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.awake);
  }

  async refresh() {
    clearTimeout(this.timer);
    let found = null;
    try {
      found = await get("/api/data/jobs");
      put(this.note);
    } catch (error) {
      put(this.note, error.status ? error.message : "The server cannot be reached; what runs there goes on.");
    }
    if (this.isLeft) return;
    if (found) this.show(found);
    clearTimeout(this.timer);
    if ((!found || this.running.size) && !document.hidden) this.timer = setTimeout(() => this.refresh(), AGAIN_MS);
  }

  show({ jobs, total }) {
    const now = new Set(jobs.filter((each) => each.status === "running").map((each) => each.id));
    const hasEnded = [...this.running].some((each) => !now.has(each));
    this.running = now;
    const said = JSON.stringify(jobs);
    if (said !== this.said) put(this.body, jobs.length ? jobs.map((each) => this.row(each)) : h("p", { className: "empty" }, "None yet."), total > jobs.length && h("p", { className: "soft small" }, `The newest ${count(jobs.length)} of ${count(total)}.`));
    this.said = said;
    if (hasEnded) this.onEnd();
  }

  row(job) {
    const isRunning = job.status === "running";
    const stop = isRunning && h("button", { type: "button", className: "small", "aria-label": `Cancel ${job.title}`, onclick: (event) => this.cancel(job, event.target) }, "Cancel");
    const lasted = job.ended_ms ? `, took ${duration(job.ended_ms - job.created_ms)}` : "";
    return h(
      "div", { className: "job", id: `job-${job.id}` },
      h("div", { className: "row end" }, h("span", {}, h("span", { className: `badge ${BADGES[job.status] ?? "error"}` }, job.status_text), " ", h("b", {}, job.kind), ` ${job.title} `, h("span", { className: "soft small" }, `begun ${time(job.created_ms)} UTC${lasted}`)), stop),
      job.progress && [h("progress", { "aria-label": job.title, ...(job.progress.total ? { max: job.progress.total, value: job.progress.done } : {}) }), h("span", { className: "small soft" }, job.progress.what)],
      job.message && h("p", { className: "bad small", style: "overflow-wrap:anywhere" }, job.message),
      job.report.length > 0 && h("ul", { className: "small", style: "overflow-wrap:anywhere" }, job.report.map((line) => h("li", {}, line))),
    );
  }

  async cancel(job, button) {
    button.disabled = true;
    try {
      await remove(`/api/data/jobs/${job.id}`);
    } catch (error) {
      put(this.note, error.message);
    }
    await this.refresh();
  }
}
