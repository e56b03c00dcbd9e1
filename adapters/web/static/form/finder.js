// Which fields of the form are shown: those that a text is found in, or those that are changed.

import { h } from "../dom.js";

export function finder(form) {
  const search = h("input", { type: "search", placeholder: "Find a field: name, label or meaning", "aria-label": "Find a field", oninput: show });
  const only = h("input", { type: "checkbox", id: "changed-only", onchange: show });
  const told = h("span", { className: "soft small", role: "status" });
  const element = h("div", { className: "finder", role: "search", "aria-label": "Fields" }, search, h("label", { className: "check" }, only, h("span", {}, "changed only")), told);

  function show() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const isAsked = words.length > 0 || only.checked;
    const shown = form.filter((field, group) => (!only.checked || field.isChanged) && (group.matches(words) || field.matches(words)), isAsked);
    const all = form.findable.length;
    told.textContent = isAsked ? `${shown} of ${all} fields` : `${all} fields, ${form.findable.filter((field) => field.isChanged).length} changed`;
  }

  const clear = () => {
    search.value = "";
    only.checked = false;
    show();
  };
  return { element, refresh: show, clear };
}
