// The API of the server that this page comes from.

import { h, dialog } from "./dom.js";

export class Refusal extends Error {
  constructor(status, body) {
    super(body.message || `status ${status}`);
    this.status = status;
    this.problems = body.problems || [];
  }
}

async function call(method, path, body, reviver) {
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(path, options);
  if (answer.status === 401 && path !== "/api/session") {
    await askForToken();
    return call(method, path, body, reviver);
  }
  const content = await answer.text().then((text) => JSON.parse(text, reviver)).catch(() => ({}));
  if (!answer.ok) throw new Refusal(answer.status, content);
  return content;
}

// A reviver is that of JSON.parse, for who needs numbers as they were written.
export function get(path, query = {}, reviver) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return call("GET", given.length ? `${path}?${new URLSearchParams(given)}` : path, undefined, reviver);
}

export const post = (path, body) => call("POST", path, body);
export const remove = (path) => call("DELETE", path);

// One question, however many requests are waiting for its answer.
let asking = null;
function askForToken() {
  asking ??= new Promise((resolve) => {
    const input = h("input", { type: "password", autocomplete: "current-password", "aria-label": "Token" });
    const note = h("p", { className: "bad" });
    const send = async (event) => {
      event.preventDefault();
      try {
        await post("/api/session", { token: input.value });
        box.close();
        asking = null;
        resolve();
      } catch (error) {
        note.textContent = error.message;
      }
    };
    const box = dialog("This server asks for its token", h("form", { onsubmit: send }, input, note, h("button", { className: "primary" }, "Continue")));
    input.focus();
  });
  return asking;
}

// The events of a back-test, or of one of the studies; the browser comes back by itself with Last-Event-ID after a broken connection.
export function watch(id, on, what = "backtests") {
  const source = new EventSource(`/api/${what}/${id}/events`);
  for (const kind of ["calculating", "init", "progress", "complete", "error"]) {
    source.addEventListener(kind, (event) => {
      if (event.data === undefined) return; // an error of the connection, not of the run
      if (kind === "complete" || kind === "error") source.close();
      on(kind, JSON.parse(event.data));
    });
  }
  return () => source.close();
}
