// The API of the server that this page comes from.

import { address } from "./address.js";
import { h, dialog } from "./dom.js";
import { away, hideBanner, refused, saved, wanting } from "./live/banner.js";
import { watch } from "./live/stream.js";

const AWAY = "The server does not answer.";

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
  const answer = await fetch(address(path), options).catch(() => {
    away(AWAY, probe);
    throw new Refusal(0, { message: AWAY });
  });
  if (answer.status === 401 && path !== "/api/session") {
    await askForToken();
    return call(method, path, body, reviver);
  }
  const content = await answer.text().then((text) => JSON.parse(text, reviver)).catch(() => ({}));
  if (answer.ok && method !== "GET") saved();
  if (!answer.ok) {
    const refusal = new Refusal(answer.status, content);
    if (answer.status === 503) await tellTrouble(method, refusal);
    throw refusal;
  }
  return content;
}

// A proxy without its server answers 502 to 504, this server 503 when its database is away.
const probe = async () => {
  const answer = await fetch(address("/api/health"));
  if (answer.status > 499) throw new Refusal(answer.status, {});
};

// What cannot be stored may still be looked at: a full disk, a database that another program keeps locked.
async function tellTrouble(method, refusal) {
  const isThere = method !== "GET" && (await probe().then(() => true, () => false));
  if (isThere) refused(refusal.message);
  else away(`${refusal.message}.`, probe);
}

// A reviver is that of JSON.parse, for who needs numbers as they were written.
export function get(path, query = {}, reviver) {
  const pairs = given(query);
  return call("GET", pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path, undefined, reviver);
}

// What of a query is given, as pairs: of a list each, nothing that is empty.
export const given = (query) => Object.entries(query).flatMap(([name, value]) => [value].flat().map((each) => [name, each])).filter(([, value]) => value !== null && value !== undefined && value !== "");

export const post = (path, body) => call("POST", path, body);
export const put = (path, body) => call("PUT", path, body);
export const patch = (path, body) => call("PATCH", path, body);
export const remove = (path) => call("DELETE", path);

// A file as it is; `onProgress` hears which share of it is there. `signal` breaks it off.
export function upload(path, file, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address(path));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => event.lengthComputable && onProgress(event.loaded / event.total));
    request.addEventListener("load", () => {
      const content = parsed(request.responseText);
      if (request.status === 401) askForToken().then(() => upload(path, file, onProgress, signal)).then(resolve, reject);
      else if (request.status >= 200 && request.status < 300) resolve(content);
      else reject(new Refusal(request.status, content));
    });
    request.addEventListener("error", () => reject(new Refusal(0, { message: "the server cannot be reached, or has refused the file while it was sent" })));
    request.addEventListener("abort", () => reject(new Refusal(0, { message: "broken off" })));
    signal?.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

// One question, however many requests are waiting for its answer. Who closes it is asked again by the next request, and
// by a button until then.
let asking = null;
let question = null;
function askForToken() {
  asking ??= new Promise((resolve) => (question = () => openQuestion(resolve)));
  if (!document.querySelector("dialog.token")) question();
  return asking;
}

function openQuestion(resolve) {
  const input = h("input", { type: "password", autocomplete: "current-password", "aria-label": "Token" });
  const note = h("p", { className: "bad", role: "alert" });
  const send = async (event) => {
    event.preventDefault();
    try {
      await post("/api/session", { token: input.value });
      asking = null;
      box.close();
      resolve();
    } catch (error) {
      note.textContent = error.message;
    }
  };
  const box = dialog("This server asks for its token", h("form", { onsubmit: send }, input, note, h("button", { className: "primary" }, "Continue")));
  box.classList.add("token");
  box.querySelector("h2").ariaLevel = "1"; // nothing else is on the page yet
  box.addEventListener("close", () => asking && wanting("This server asks for its token: without it nothing is shown.", "Enter the token", question));
  hideBanner();
  input.focus();
}

export { address, watch };
