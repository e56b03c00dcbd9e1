// Where drafts of an address are kept: each tab has a place of its own, which it holds while it writes there. What a tab
// that is gone has left is taken up by the next one, and offered by the others.

const LEAVING_MS = 400; // so long a tab that is loaded anew waits for what it held itself
const OWN = "place of "; // under this and the address a tab notes which place is its own
const held = new Map(); // by the key of a place that this tab holds or has held: how often, and when it has let it go

const start = (address) => `draft ${address}`;

// The keys of the drafts of an address, the newest first.
function placesOf(address) {
  const first = start(address);
  const keys = Object.keys(localStorage).filter((key) => key === first || (key.startsWith(`${first} (`) && /^ \(\d+\)$/.test(key.slice(first.length))));
  return keys.sort((one, other) => (keptAt(other)?.at ?? 0) - (keptAt(one)?.at ?? 0));
}

// What is kept at a place: {at, text}, or null.
export function keptAt(key) {
  try {
    const found = JSON.parse(localStorage.getItem(key));
    return typeof found?.text === "string" ? found : null;
  } catch {
    return null; // another program's, or cut off
  }
}

// The place of this tab: the one that it had, else the newest that no tab holds, else a new one. Browsers hold places for
// pages that came by https or from this machine only; for others all tabs have one.
export async function takePlace(address) {
  const own = sessionStorage.getItem(OWN + address);
  const key = navigator.locks ? await firstFree(address, own) : (own ?? start(address));
  makeOwn(address, key);
  return key;
}

async function firstFree(address, own) {
  if (own && (await hold(own, { signal: AbortSignal.timeout(LEAVING_MS) }))) return own;
  for (const key of placesOf(address)) if (await hold(key, { ifAvailable: true })) return key;
  for (let number = 1; ; number += 1) {
    const key = number === 1 ? start(address) : `${start(address)} (${number})`;
    if (localStorage.getItem(key) === null && (await hold(key, { ifAvailable: true }))) return key;
  }
}

// Whether a place is this tab's from now on, until it is let go as often as it was held.
async function hold(key, how) {
  const mine = held.get(key);
  if (mine?.count > 0) {
    mine.count += 1;
    return true;
  }
  await mine?.ended;
  return new Promise((resolve) => {
    const place = { count: 1 };
    const keep = (lock) => {
      resolve(lock !== null);
      if (lock === null) return null;
      held.set(key, place);
      return new Promise((release) => (place.release = release));
    };
    place.ended = navigator.locks.request(key, how, keep).catch(() => resolve(false)); // waited for long enough
  });
}

export function letGo(key) {
  const mine = held.get(key);
  if (!mine) return;
  mine.count -= 1;
  if (!mine.count) mine.release();
}

// The drafts of an address that no tab holds, the newest first: {key, at}.
export async function leftOver(address) {
  if (!navigator.locks) return [];
  const names = new Set((await navigator.locks.query()).held.map(({ name }) => name));
  return placesOf(address).filter((key) => !names.has(key)).map((key) => ({ key, at: keptAt(key)?.at })).filter(({ at }) => at);
}

// The place that this tab has when it is loaded anew.
export const makeOwn = (address, key) => sessionStorage.setItem(OWN + address, key);

// What this tab has of an address, or else what was kept last.
export function draftOf(address) {
  const own = sessionStorage.getItem(OWN + address);
  return (own && keptAt(own)) ?? keptAt(placesOf(address)[0]);
}
