"""Notebooks as programs: their cells one after another in one namespace, without Jupyter, and what they print.

After a wanted change: python -m tests.documents.notebooks scenarios/notebooks/NAME.ipynb, and look at the difference.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
#: Where perpsim itself is in a clone that is not installed.
FACE = ROOT / "adapters" / "face"


def cells(path: Path) -> list[dict[str, Any]]:
    """Return the cells of code, as the file has them."""
    notebook = json.loads(path.read_text("utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def source(cell: dict[str, Any]) -> str:
    """Return the code of a cell."""
    return "".join(cell["source"])


def stored_text(cell: dict[str, Any]) -> str | None:
    """Return what the file says that a cell prints; None where it has no output."""
    return "".join("".join(output["text"]) for output in cell["outputs"]) if cell["outputs"] else None


def printed(path: Path, folder: Path) -> list[str]:
    """Run a notebook in a process of its own, in a folder; return what each cell of code prints."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, FACE))), "PYTHONHASHSEED": "0"}
    command = [sys.executable, "-m", "tests.documents.notebooks", "--run", str(path.resolve())]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


def _run(path: Path) -> list[str]:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    texts = []
    for number, cell in enumerate(cells(path), 1):
        told = io.StringIO()
        tree = ast.parse(source(cell), f"cell {number} of {path.name}")
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        with contextlib.redirect_stdout(told):
            exec(compile(tree, f"cell {number} of {path.name}", "exec"), namespace)
            if last is not None:  # what a notebook would show of it must be possible
                expression = compile(ast.Expression(last.value), f"cell {number} of {path.name}", "eval")
                shown = eval(expression, namespace)  # noqa: S307
                if shown is not None:
                    getattr(shown, "_repr_html_", shown.__repr__)()
        texts.append(told.getvalue())
    return texts


def write_outputs(path: Path) -> None:
    """Run a notebook and write what its cells print into it."""
    notebook = json.loads(path.read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        texts = iter(printed(path, Path(folder)))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            text = next(texts)
            output = {"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)}
            cell["outputs"] = [output] if text else []
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    if sys.argv[1] == "--run":
        print(json.dumps(_run(Path(sys.argv[2]))))
    else:
        write_outputs(Path(sys.argv[1]))
