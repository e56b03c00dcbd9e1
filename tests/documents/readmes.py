"""The READMEs of the repository, taken apart: headings, links, examples.

How an example is marked: Python and TOML stand in fences with their names; a line that is indented by four is one
command. A fence after a line that ends with "`NAME`:" is the file of that name. A fence of text after a script is what
that prints.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from engine.program.language import LIBRARIES
from tests.conftest import ROOT


@dataclass(frozen=True)
class Example:
    """One fence or one indented line; `kind` is the fence's language, or "command"."""

    kind: str
    text: str
    line: int
    heading: str
    file: str | None = None

    @property
    def is_program(self) -> bool:
        """A program imports nothing of perpsim or beside it: the rest of Python are scripts."""
        names = re.findall(r"^(?:import|from) (\w+)", self.text, re.MULTILINE)
        return self.kind == "python" and {*names} <= {*sys.stdlib_module_names, *LIBRARIES}

    @property
    def is_script(self) -> bool:
        return self.kind == "python" and not self.is_program


@dataclass(frozen=True)
class Readme:
    """One README, by its place under the top folder."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @property
    def prose(self) -> str:
        """The text without its fences and comments."""
        return re.sub(r"^```.*?^```$|<!--.*?-->", "", self.text, flags=re.DOTALL | re.MULTILINE)

    @property
    def headings(self) -> list[str]:
        return re.findall(r"^#+ (.*)$", self.prose, re.MULTILINE)

    @property
    def links(self) -> list[str]:
        """Where its links and pictures point to."""
        return re.findall(r"\]\(([^)\s]+)\)", self.prose)

    @property
    def spans(self) -> list[str]:
        """What stands in its prose as code."""
        return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", self.prose)]

    @property
    def names(self) -> set[str]:
        """Every word in a span: one of "`a, b`" and of "`Class(a)`" each by itself."""
        return {name for span in self.spans for name in re.findall(r"\w+", span)}

    def first_column(self, title: str) -> list[str]:
        """The spans in the first column of the table with this title over it, links or not."""
        rows = self.text.partition(f"| {title} | ")[2].split("\n\n")[0].splitlines()[2:]
        return [span for row in rows for span in re.findall(r"`([^`]+)`", row.split("|")[1])]

    def examples(self) -> list[Example]:
        found: list[Example] = []
        heading = file = ""
        opened: Example | None = None
        for number, line in enumerate(self.text.splitlines(), 1):
            if opened is not None:
                if line == "```":
                    found.append(opened)
                    opened = None
                else:
                    opened = Example(opened.kind, f"{opened.text}{line}\n", opened.line, heading, opened.file)
            elif line.startswith("```"):
                opened = Example(line[3:], "", number, heading, file or None)
            elif line.startswith("    "):
                found.append(Example("command", line.strip(), number, heading))
            elif line.startswith("#"):
                heading = line.lstrip("# ")
            if line:
                named = re.search(r"`([\w.]+)`:$", line)
                file = named[1] if named else ""
        assert opened is None, f"{self.name}: a fence is not closed"
        return found


READMES = [
    Readme(path) for path in sorted(ROOT.rglob("README.md")) if not path.relative_to(ROOT).parts[0].startswith(".")
]


def anchor(heading: str) -> str:
    """The name under which a heading is linked to."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
