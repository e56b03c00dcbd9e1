// Files on their way into the database: chosen, sent, looked at, then imported. Those that wait outlast the page.

import { get, post, remove, upload } from "../api.js";
import { h, put, scrolled, select, unseen } from "../dom.js";
import { count, number, price, time } from "../format.js";

const SENT_AT_ONCE = 2;
const CHOSEN = "perpsim import"; // which files are chosen, and what is said of them, in this tab

export class ImportForm {
  constructor(forms, onJob) {
    const { chosen = [], exchange = "", said = {}, symbols = [], waited = [], importing = [] } = JSON.parse(sessionStorage.getItem(CHOSEN) ?? "{}");
    Object.assign(this, { forms, onJob, chosen: new Set(chosen), symbols: new Map(symbols), waited: new Map(waited), importing: new Set(importing), files: [], looked: new Map(), underWay: 0, sent: new Set(), turn: 0 });
    this.warn = (event) => this.underWay && event.preventDefault(); // what is being sent ends with the page
    window.addEventListener("beforeunload", this.warn);
    this.input = h("input", { type: "file", multiple: true, "aria-label": "Files to import", onchange: () => this.send([...this.input.files]) });
    const drop = h("div", { className: "drop card", style: "border-style:dashed;text-align:center", ondragover: (event) => event.preventDefault(), ondrop: (event) => { event.preventDefault(); this.send([...event.dataTransfer.files]); } }, h("p", { className: "soft" }, `CSV, JSON, parquet or feather; texts also packed by zip, gzip, bzip2 or xz; up to ${count(forms.largest_upload / 2 ** 20)} MB each. Drop files here or choose them:`), this.input);
    this.sending = h("div", { className: "parts", "aria-live": "polite" });
    this.list = h("div", {});
    this.gone = h("p", { className: "warn small", role: "status" });
    this.exchange = h("input", { name: "import-exchange", maxLength: 20, placeholder: "such as binance", autocomplete: "on", value: exchange });
    this.fields = forms.fields.map((field) => new ReadingField(field, said[field.name]));
    this.note = h("div", { className: "bad", role: "alert" });
    this.found = h("div", {});
    const inputs = (isFirst) => this.fields.filter((field) => field.isFirst === isFirst).map((field) => field.element);
    this.waiting = h(
      "form", { hidden: true, oninput: () => this.keep(), onsubmit: (event) => { event.preventDefault(); this.start(); } },
      this.list,
      h("div", { className: "fields wide", style: "margin-top:10px" }, h("label", { className: "field" }, h("span", {}, "Exchange"), this.exchange, h("span", { className: "hint" }, "that the rows are stored under")), inputs(true)),
      h("details", { style: "margin-top:8px" }, h("summary", {}, "What the files do not tell", h("span", { className: "soft" }, "sizes, sides, zones, columns")), h("div", { className: "fields wide" }, inputs(false))),
      this.note,
      h("div", { className: "row", style: "margin-top:10px" }, h("button", { type: "button", id: "look", onclick: () => this.look() }, "Look at it"), h("button", { className: "primary", id: "import" }, "Import")),
      this.found,
    );
    this.element = h("section", { className: "card", "aria-label": "Import" }, h("h2", {}, "Import files"), drop, this.sending, this.gone, this.waiting);
  }

  leave() {
    window.removeEventListener("beforeunload", this.warn);
  }

  keep() {
    sessionStorage.setItem(CHOSEN, JSON.stringify({ chosen: [...this.chosen], symbols: [...this.symbols], waited: [...this.waited], importing: [...this.importing], exchange: this.exchange.value, said: Object.fromEntries(this.fields.map((field) => [field.name, field.raw])) }));
  }

  async refresh() {
    try {
      this.files = (await get("/api/data/files")).files;
    } catch (error) {
      put(this.note, error.message);
      return;
    }
    const there = new Set(this.files.map((each) => each.id));
    this.tellGone([...this.waited].filter(([id]) => !there.has(id)).map(([, name]) => name));
    for (const each of this.importing) if (!there.has(each)) this.importing.delete(each);
    this.waited = new Map(this.files.filter(({ id }) => !this.importing.has(id)).map(({ id, name }) => [id, name]));
    for (const each of this.chosen) if (!there.has(each)) this.chosen.delete(each);
    if (!this.chosen.size && this.files.length) this.chosen.add(this.files.at(-1).id);
    if (![...this.looked.keys()].every((each) => there.has(each))) put(this.found);
    this.waiting.hidden = !this.files.length;
    this.keep();
    const symbol = ({ id, name }) => h("input", { "aria-label": `Symbol of ${name}`, size: 12, maxLength: 20, placeholder: "as below", value: this.symbols.get(id) ?? "", oninput: (event) => this.symbols.set(id, event.target.value) });
    const row = (each) => h(
      "tr", {}, h("td", {}, h("input", { type: "checkbox", "aria-label": `Import ${each.name}`, checked: this.chosen.has(each.id), onchange: (event) => (this.chosen[event.target.checked ? "add" : "delete"](each.id), this.keep()) })),
      h("td", { className: "wrap" }, each.name), h("td", {}, symbol(each)), h("td", { className: "num" }, sizeOf(each.size)), h("td", {}, time(each.added_ms)), h("td", {}, time(each.expires_ms)),
      h("td", {}, h("button", { type: "button", className: "small", "aria-label": `Throw ${each.name} away`, onclick: () => this.discard(each) }, "Throw away")),
    );
    put(this.list, h("div", { className: "scroll" }, h("table", { "aria-label": "Files that wait" }, h("thead", {}, h("tr", {}, [unseen("Imported"), "File that waits", "Its symbol", "Size", "Sent, UTC", "Kept until, UTC", unseen("What can be done")].map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, this.files.map(row)))));
  }

  // Files that waited when this tab looked last. Those that it has thrown away or imported itself are not among them.
  tellGone(names) {
    if (names.length) put(this.gone, `${names.join(", ")} ${names.length === 1 ? "waits" : "wait"} here no more: imported or thrown away elsewhere, kept for as long as files are, or the server was started again, which keeps none. What is not stored has to be sent again.`);
  }

  async discard(file) {
    put(this.note);
    this.waited.delete(file.id);
    try {
      await remove(`/api/data/files/${file.id}`);
    } catch (error) {
      put(this.note, error.message);
    }
    await this.refresh();
  }

  // Files are sent a few at a time; each says how far it is, and can be broken off.
  async send(files) {
    const queue = [...files];
    put(this.gone);
    if (!this.underWay) this.sent.clear();
    this.underWay += 1;
    this.input.value = "";
    const next = async () => {
      while (queue.length) await this.sendOne(queue.shift());
    };
    await Promise.all(Array.from({ length: SENT_AT_ONCE }, next));
    this.underWay -= 1;
    if (this.sent.size) await this.look();
  }

  async sendOne(file) {
    const breaking = new AbortController();
    const bar = h("progress", { max: 1, value: 0, "aria-label": `Sending ${file.name}` });
    const said = h("span", { className: "small" }, `${file.name}, ${sizeOf(file.size)}`);
    const stop = h("button", { type: "button", className: "small", onclick: () => breaking.abort() }, "Break off");
    const row = h("div", {}, h("div", { className: "row end" }, said, stop), bar);
    this.sending.append(row);
    try {
      if (file.size > this.forms.largest_upload) throw new Error(`the file is larger than ${sizeOf(this.forms.largest_upload)}: split it, or use perpsim import`);
      const waiting = await upload(`/api/data/files?${new URLSearchParams({ name: file.name })}`, file, (share) => (bar.value = share), breaking.signal);
      row.remove();
      this.sent.add(waiting.id);
      this.chosen = new Set(this.sent);
      await this.refresh();
    } catch (error) {
      bar.remove();
      stop.textContent = "Close";
      stop.addEventListener("click", () => row.remove());
      put(said, h("span", { className: "bad", role: "alert" }, `${file.name}: ${error.message}`));
    }
  }

  get options() {
    return Object.fromEntries(this.fields.map((field) => [field.name, field.value]).filter(([, value]) => value !== null));
  }

  async look() {
    put(this.note);
    const chosen = this.files.filter((each) => this.chosen.has(each.id));
    if (!chosen.length) return put(this.note, "Choose a file.");
    const turn = ++this.turn; // another look may be asked for meanwhile
    const looked = new Map();
    for (const each of chosen) {
      put(this.found, h("p", { className: "soft", role: "status" }, `Looking at ${each.name} …`));
      try {
        looked.set(each.id, await post(`/api/data/files/${each.id}/look`, { ...this.options, ...this.symbolOf(each.id) }));
      } catch (error) {
        looked.set(each.id, { problem: toldOf(error), groups: [], lines: [], remarks: [] });
      }
      if (turn !== this.turn) return;
    }
    this.looked = looked;
    put(this.found, chosen.map((each) => lookedAt(each, looked.get(each.id))));
  }

  // What is said of the symbol of one file alone.
  symbolOf(id) {
    const symbol = this.symbols.get(id)?.trim();
    return symbol ? { symbol } : {};
  }

  async start() {
    put(this.note);
    const files = this.files.filter((each) => this.chosen.has(each.id)).map((each) => each.id);
    const exchange = this.exchange.value.trim();
    if (!files.length) return put(this.note, "Choose a file.");
    if (!exchange) {
      this.exchange.focus();
      return put(this.note, "Say the exchange that the rows are stored under.");
    }
    try {
      const symbols = Object.fromEntries(files.map((id) => [id, this.symbolOf(id).symbol]).filter(([, symbol]) => symbol));
      await post("/api/data/imports", { files, exchange, ...this.options, symbols });
      for (const id of files) {
        this.waited.delete(id);
        this.importing.add(id);
      }
      this.keep();
      await this.onJob();
    } catch (error) {
      put(this.note, toldOf(error));
    }
  }
}

const sizeOf = (bytes) => (bytes < 1000 ? `${count(bytes)} bytes` : bytes < 1e6 ? `${number(bytes / 1000, 1)} kB` : `${number(bytes / 1e6, 1)} MB`);
const toldOf = (error) => error.problems?.map((each) => [each.field, each.message].filter(Boolean).join(": ")).join("; ") || error.message;

// What a file is recognised as.
function lookedAt(file, found) {
  const list = (title, remarks) => remarks.length > 0 && h("ul", { className: "small", "aria-label": title }, remarks.map((each) => h("li", {}, each)));
  const rows = ({ sample_heads: heads, sample }) => sample.length > 0 && scrolled("First rows, table", h("table", { "aria-label": "First rows" }, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col", className: "num" }, head === "time" ? "time, UTC" : head)))), h("tbody", {}, sample.map((row) => h("tr", {}, row.map((value, place) => h("td", { className: "num" }, place ? price(value) : new Date(value).toISOString().slice(0, 19).replace("T", " "))))))));
  const one = (each) => [
    h("p", {}, h("b", {}, each.what), `, ${time(each.first_ms)} to ${time(each.last_ms)} UTC; times are ${each.time_unit}${each.market ? `; of ${each.market}` : ""}`),
    h("p", { className: "small" }, "Columns: ", Object.entries(each.columns).map(([name, title]) => h("span", { className: "key" }, name, " ← ", h("b", {}, title)))),
    list("Remarks", each.remarks), rows(each),
  ];
  return h(
    "div", { className: "looked", style: "margin-top:12px" }, h("h3", {}, file.name),
    found.problem && h("p", { className: "bad", role: "alert" }, found.problem),
    found.groups.map((group) => [h("p", { className: "good" }, `Recognised: ${[group.symbol, group.period, group.kind, group.names.join(", ")].filter(Boolean).join(" ")}`), group.files.map(one)]),
    list("Remarks", found.remarks),
    found.lines.length > 0 && h("details", { open: Boolean(found.problem) }, h("summary", {}, "First lines of the file"), h("pre", { tabIndex: 0 }, found.lines.join("\n"))),
  );
}

// One thing that may be said of how a file is read.
class ReadingField {
  constructor({ name, label, help, kind, choices, is_first: isFirst }, given) {
    Object.assign(this, { name, kind, isFirst });
    const attributes = { name: `read-${name}` };
    if (kind === "choice") this.input = select(attributes, [["", "as it tells"], ...choices.map((each) => [each, each])]);
    else if (kind === "flag") this.input = h("input", { ...attributes, type: "checkbox" });
    else if (kind === "whole") this.input = h("input", { ...attributes, type: "number", min: 0, step: 1 });
    else this.input = h("input", { ...attributes, maxLength: 100 });
    if (given !== undefined) this.input[kind === "flag" ? "checked" : "value"] = given;
    const hint = h("span", { className: "hint" }, help);
    this.element = kind === "flag" ? h("label", { className: "check field" }, this.input, h("span", {}, label, hint)) : h("label", { className: "field" }, h("span", {}, label), this.input, hint);
  }

  // As it stands in the form.
  get raw() {
    return this.kind === "flag" ? this.input.checked : this.input.value;
  }

  // What is said; null where nothing is.
  get value() {
    if (this.kind === "flag") return this.input.checked || null;
    const text = this.input.value.trim();
    if (!text) return null;
    if (this.kind === "whole") return Number(text);
    if (this.kind !== "pairs") return text;
    return Object.fromEntries(text.split(",").map((pair) => pair.split("=").map((side) => side.trim())).map(([field, title]) => [field, title ?? ""]));
  }
}
