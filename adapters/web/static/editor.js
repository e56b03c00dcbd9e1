// The program editor: CodeMirror with Python, the validator's marks where they belong, completions and help.

import {
  EditorView, EditorState, basicSetup, python, setDiagnostics, lintGutter, HighlightStyle,
  syntaxHighlighting, indentUnit, tags, keymap, indentWithTab,
} from "./vendor/codemirror.js";
import { Help, completions } from "./programs/help.js";

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
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--accent-text)" },
  ".cm-completionInfo": { maxWidth: "420px", whiteSpace: "pre-wrap" },
});

const LEAVING_MS = 2000;

export class Editor {
  constructor(parent, source, onChange) {
    this.help = new Help(parent);
    this.view = new EditorView({
      parent,
      state: EditorState.create({
        doc: source,
        extensions: [
          basicSetup, python(), indentUnit.of("    "), lintGutter(), syntaxHighlighting(colours), look,
          EditorState.tabSize.of(4),
          EditorState.languageData.of(() => [{ autocomplete: completions }]),
          keymap.of([indentWithTab, { key: "F1", run: () => this.help.speak(), preventDefault: true }]), // Escape, then Tab, leaves the editor
          EditorView.domEventObservers({ keydown: (event, view) => void (event.key === "Escape" && view.setTabFocusMode(LEAVING_MS)) }), // also where it has closed something
          EditorView.contentAttributes.of({ tabindex: "0", "aria-label": "Program, Python. F1 explains a word. Escape then Tab leaves the editor." }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged || update.selectionSet) this.help.atCursor();
            if (update.docChanged) onChange(this.text);
          }),
        ],
      }),
    });
    this.help.watch(this.view);
  }

  get text() {
    return this.view.state.doc.toString();
  }

  set text(source) {
    // with a name of its own undoing takes back this alone
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: source }, userEvent: "replace" });
  }

  mark(problems) {
    const marks = problems.filter((each) => each.line).map((each) => ({ ...this.place(each), severity: each.severity, message: each.message }));
    this.view.dispatch(setDiagnostics(this.view.state, marks));
  }

  // Where a problem is underlined: the word at its column, or else all of its line.
  place({ line: number, column }) {
    const { doc } = this.view.state;
    const line = doc.line(Math.min(Math.max(number, 1), doc.lines));
    const indent = line.text.length - line.text.trimStart().length;
    const start = Math.min(Math.max((column ?? 1) - 1, indent), line.length);
    const word = line.text.slice(start).match(/^[\w.]+/);
    return word && start > indent ? { from: line.from + start, to: line.from + start + word[0].length } : { from: line.from + Math.min(indent, line.length), to: line.to };
  }

  goTo(number, column) {
    const { from } = this.place({ line: number, column });
    this.view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    this.view.focus();
  }
}
