// The events of runs. All tabs of a browser share one stream, which one of them holds and passes on; a tab that nobody
// sees wants none, and catches up when it is shown. A browser that cannot share has a stream for each tab that is seen.

import { address } from "../address.js";

const NAME = "perpsim events";
const AGAIN_MS = 3000;
const ENDS = ["complete", "error"];
const canShare = Boolean(window.BroadcastChannel && navigator.locks);
const tab = `${performance.timeOrigin} ${Math.random()}`;
const channel = canShare ? new BroadcastChannel(NAME) : null;
const watchers = new Set();
const wanted = new Map(); // what each tab wants, where this one holds the stream
let source = null;
let asked = "";
let timer = null;
let lock = null; // while this tab holds the stream or waits for that
let isHolder = !canShare;

// Call `on` with the kind and the data of every event of a back-test, or of one of the studies, from its first one to its
// last.
export function watch(id, on, what = "backtests") {
  const watcher = { key: keyOf(what, id), on, last: 0 };
  watchers.add(watcher);
  tell(true);
  return () => {
    watchers.delete(watcher);
    tell();
  };
}

// What the server knows a run by.
const keyOf = (what, id) => `${what === "studies" ? "s" : ""}${id}`;

const mine = () => (document.hidden ? [] : [...new Set([...watchers].map((each) => each.key))]);

// Say what this tab wants; `isNew` where it has to be told from the first event on.
function tell(isNew = false) {
  const ids = mine();
  wanted.set(tab, ids);
  if (!canShare) return ask(isNew);
  channel.postMessage({ tab, ids, isNew });
  if (ids.length) hold();
  else letGo();
  if (isHolder) ask(isNew);
}

function hold() {
  if (lock) return;
  const mineNow = { given: new AbortController(), release: null };
  lock = mineNow;
  const held = () => {
    if (lock !== mineNow) return null;
    isHolder = true;
    channel.postMessage({ who: tab }); // the others say what they want
    ask(true);
    return new Promise((resolve) => (mineNow.release = resolve));
  };
  navigator.locks.request(NAME, { signal: mineNow.given.signal }, held).catch(() => {}); // it was not waited for any more
}

function letGo() {
  if (!lock) return;
  if (isHolder) {
    isHolder = false;
    for (const other of [...wanted.keys()]) if (other !== tab) wanted.delete(other);
    close();
    lock.release();
  } else lock.given.abort();
  lock = null;
}

function close() {
  clearTimeout(timer);
  source?.close();
  source = null;
  asked = "";
}

// Open the stream of all that is wanted, where it is not open yet.
function ask(isNew) {
  const ids = [...new Set([...wanted.values()].flat())].sort();
  if (!isNew && ids.join() === asked) return;
  close();
  if (!ids.length) return;
  asked = ids.join();
  source = new EventSource(address(`/api/events?ids=${asked}`));
  source.addEventListener("message", ({ data }) => {
    const event = JSON.parse(data);
    channel?.postMessage({ event });
    take(event);
  });
  source.addEventListener("error", () => {
    if (source?.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    clearTimeout(timer);
    timer = setTimeout(() => ask(true), AGAIN_MS);
  });
}

// A stream begins anew whenever somebody wants more: what has been told is left out. Another server numbers anew, but
// tells of an earlier run only how it ended.
function take({ of, id, number, event, data }) {
  const isEnd = ENDS.includes(event);
  for (const watcher of [...watchers].filter((each) => each.key === keyOf(of, id) && (isEnd || number > each.last))) {
    watcher.last = number;
    if (isEnd) watchers.delete(watcher);
    watcher.on(event, data);
  }
  if (isEnd) tell();
}

channel?.addEventListener("message", ({ data }) => {
  if (data.event) take(data.event);
  else if (data.who) tell(true);
  else if (isHolder) {
    wanted.set(data.tab, data.ids);
    ask(data.isNew);
  }
});
document.addEventListener("visibilitychange", () => tell(!document.hidden));
window.addEventListener("pagehide", () => {
  watchers.clear();
  tell();
});
