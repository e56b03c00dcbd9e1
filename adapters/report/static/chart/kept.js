// What a viewer has chosen of the chart, kept for the next one. A page in a frame may have no storage: then it is kept
// as long as the page is.

const KEY = "perpsim.chart";
let known = null;

const storage = () => {
  try {
    return window.localStorage;
  } catch {
    return null; // a page that stands in another one is refused it
  }
};

function all() {
  if (!known) {
    try {
      known = JSON.parse(storage()?.getItem(KEY) || "{}");
    } catch {
      known = {}; // somebody else has written there
    }
  }
  return known;
}

export const kept = (name) => all()[name];

export function keep(name, value) {
  all()[name] = value;
  try {
    storage()?.setItem(KEY, JSON.stringify(known));
  } catch {
    // no room is left there: it holds for this page
  }
}
