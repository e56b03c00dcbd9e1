// The program editor: CodeMirror with Python, and the validator's marks at their lines.

import {
  EditorView, EditorState, Compartment, basicSetup, python, setDiagnostics, lintGutter, HighlightStyle,
  syntaxHighlighting, indentUnit, tags, keymap, indentWithTab,
} from "./vendor/codemirror.js";

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword, tags.definitionKeyword], color: "var(--kw)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--str)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--num)" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.definition(tags.className), tags.className], color: "var(--fn)" },
]);

const look = EditorView.theme({
  "&": { backgroundColor: "var(--card)", color: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--bg)", color: "var(--soft)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--hover)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-tooltip": { backgroundColor: "var(--card)", color: "var(--text)", border: "1px solid var(--line)" },
});

export class Editor {
  constructor(parent, source, onChange) {
    this.readOnly = new Compartment();
    this.view = new EditorView({
      parent,
      state: EditorState.create({
        doc: source,
        extensions: [
          basicSetup, python(), indentUnit.of("    "), lintGutter(), syntaxHighlighting(colours), look,
          EditorState.tabSize.of(4),
          keymap.of([indentWithTab]), // Escape, then Tab, leaves the editor
          EditorView.contentAttributes.of({ "aria-label": "Program, Python. Escape then Tab leaves the editor." }),
          EditorView.updateListener.of((update) => update.docChanged && onChange(this.text)),
        ],
      }),
    });
  }

  get text() {
    return this.view.state.doc.toString();
  }

  set text(source) {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: source } });
  }

  mark(problems) {
    const doc = this.view.state.doc;
    const marks = problems.filter((each) => each.line).map((each) => {
      const line = doc.line(Math.min(Math.max(each.line, 1), doc.lines));
      const indent = line.text.length - line.text.trimStart().length;
      return { from: Math.min(line.from + indent, line.to), to: line.to, severity: each.severity, message: each.message };
    });
    this.view.dispatch(setDiagnostics(this.view.state, marks));
  }

  goTo(number) {
    const line = this.view.state.doc.line(Math.min(number, this.view.state.doc.lines));
    this.view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
    this.view.focus();
  }
}
