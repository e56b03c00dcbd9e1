// The focus is never lost: when what has it is drawn anew, taken away or hidden, what stands in its place gets it.

const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";

const all = (nodes) => nodes.flatMap((node) => (node instanceof Element ? [node, ...node.querySelectorAll(FOCUSABLE)] : [])).filter((each) => each.matches(FOCUSABLE) && each.tabIndex >= 0);
const ready = (nodes) => all(nodes).filter((each) => each.checkVisibility() && !each.matches(":disabled"));
const isAfter = (each, held) => Boolean(held.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING);

// What a thing is still called when it was drawn anew.
const nameOf = (element) => element.dataset.key || element.id || element.getAttribute("aria-label") || element.textContent;

let held = null; // what had the focus last, until a person has pressed elsewhere

export function keepFocus() {
  addEventListener("focusin", ({ target }) => (held = target));
  addEventListener("pointerdown", () => (held = null), true);
  new MutationObserver(follow).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["hidden", "disabled", "open"] });
}

function follow(records) {
  const now = document.activeElement;
  if (!held || !document.hasFocus() || (now !== held && now !== document.body)) return;
  if (!held.isConnected) give(insteadOf(records));
  else if (records.some(touches)) stay();
}

// Whether what is held was changed by it, or put elsewhere with what it stands in.
const touches = ({ type, target, addedNodes }) => (type === "attributes" ? target.contains(held) : [...addedNodes].some((each) => each.contains(held)));

// What was hidden gives the focus to what comes next; what was disabled for a while gets it back.
function stay() {
  if (!held.checkVisibility()) give(nearest(held.parentElement, (each) => isAfter(each, held)));
  else if (!held.matches(":disabled") && document.activeElement !== held) give(held);
}

// What has come where the held one was: of the same name, or at the same place; or else what is beside that.
function insteadOf(records) {
  let gone = held.getRootNode();
  let record = null;
  while (gone && !gone.isConnected) {
    const root = gone;
    record = records.find(({ removedNodes }) => [...removedNodes].includes(root));
    gone = record?.target.getRootNode();
    if (record?.target.isConnected) break;
  }
  if (!record) return null;
  const { target } = record;
  const name = nameOf(held);
  const [removed, added] = ["removedNodes", "addedNodes"].map((nodes) => records.filter((each) => each.target === target).flatMap((each) => [...each[nodes]]));
  const come = ready(added.filter((each) => each.isConnected));
  const named = come.find((each) => nameOf(each) === name) ?? ready([target]).find((each) => nameOf(each) === name);
  const next = ready([record.nextSibling]).at(0) ?? ready([record.previousSibling]).at(-1);
  return named ?? come[Math.min(Math.max(all(removed).indexOf(held), 0), come.length - 1)] ?? next ?? nearest(target);
}

// The nearest that can take it: in the closest place around that has any, the first that is wanted or else the last.
function nearest(around, isWanted = () => true) {
  for (let at = around; at && at !== document.body; at = at.parentElement) {
    const found = ready([at]).filter((each) => each !== held);
    if (found.length) return found.find(isWanted) ?? found.at(-1);
  }
  return null;
}

function give(element) {
  (element ?? document.getElementById("main"))?.focus({ preventScroll: true });
}
