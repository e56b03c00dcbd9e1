// Which columns the list has, and in which order.

import { dialog, h } from "../dom.js";

export function chooseColumns(known, shown, onChange) {
  const chosen = new Set(shown);
  const box = (column) => h("label", { className: "check" }, h("input", { type: "checkbox", checked: chosen.has(column.key), onchange: (event) => choose(column.key, event.target.checked) }), h("span", {}, column.label));
  const choose = (key, isOn) => {
    if (isOn) chosen.add(key);
    else chosen.delete(key);
    onChange([...chosen]);
  };
  const usual = () => {
    element.close();
    onChange([]);
  };
  const element = dialog("Columns", h("p", { className: "soft" }, "They stand in the order in which they are chosen. This browser keeps the choice; the address has it, too."), h("div", { className: "fields wide" }, known.map(box)), h("p", {}, h("button", { type: "button", onclick: usual }, "The usual ones")));
}
