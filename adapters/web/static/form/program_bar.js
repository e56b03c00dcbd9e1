// Which kept program is being written, and the buttons that save and open one.

import { h, put, toast } from "../dom.js";
import { chooseProgram, keepNew, saveNext } from "../programs/kept.js";
import { fileName, readButton, saveText } from "../programs/text_file.js";
import { template } from "../template.js";

export class ProgramBar {
  constructor(form, onChange) {
    Object.assign(this, { form, onChange, kept: null });
    this.told = h("span", { className: "soft small", id: "kept" });
    const button = (name, title, onclick) => h("button", { type: "button", title, onclick }, name);
    this.element = h(
      "div", { className: "row tight" },
      button("Save", "Keep it by name, or as its next version (Ctrl+S)", () => this.save()),
      button("Open", "Open a kept program", () => chooseProgram((program) => this.open(program))),
      button("Template", "Begin with the template", () => this.replace(template(form.symbols.value))),
      readButton({ title: "Import", accept: ".py,text/x-python", take: (name, text) => this.replace(text) }),
      button("Export", "As a .py file", () => saveText(fileName(this.kept?.name || "program", ".py"), form.program.value, "text/x-python")),
      this.told,
    );
    form.program.element.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "s") return;
      event.preventDefault();
      this.save();
    });
  }

  get text() {
    return { code: this.form.program.value, language: this.form.ofRole("written in").value };
  }

  // What a draft keeps of it: with the text that is saved, to tell whether something is not.
  get state() {
    return this.kept && { id: this.kept.id, name: this.kept.name, version: this.kept.version, code: this.kept.code };
  }

  // The editor knows one kind of line ends.
  take(kept) {
    this.kept = kept && { ...kept, code: kept.code.replace(/\r\n?/g, "\n") };
    this.tell();
  }

  tell() {
    const isSaved = this.kept && this.kept.code === this.form.program.value;
    put(this.told, this.kept ? `${this.kept.name}, version ${this.kept.version}${isSaved ? "" : ", changed since"}` : "not kept by name");
  }

  async save() {
    const { text } = this;
    try {
      const kept = this.kept ? await saveNext(this.kept, text) : await keepNew("Keep this program", text);
      if (!kept) return;
      this.take({ ...kept, code: text.code });
      this.onChange();
      toast(`${kept.name} is saved as version ${kept.version}`);
    } catch (error) {
      toast(error.message);
    }
  }

  open(program) {
    const { code, ...others } = program;
    this.form.ofRole("written in").show(others.language);
    this.replace(code);
    this.take(program);
  }

  // Undoing in the editor brings the former text back.
  replace(code) {
    this.form.program.widget.editor.text = code;
    this.take(null);
    this.onChange();
  }
}
