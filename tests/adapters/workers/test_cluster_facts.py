"""What must be the same on a worker and here."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys

import numpy as np

from adapters.workers.cluster_facts import facts
from tests.conftest import ROOT


def test_versions_and_code_are_told():
    found = facts()
    assert (found["python"], found["numpy"]) == (platform.python_version(), np.__version__)
    assert len(found["code"]) == 16


def test_a_copy_has_the_same_digest_until_a_line_of_it_changes(tmp_path):
    for name in ("engine", "processes", "adapters"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "static"))

    def digest_there():
        code = "from adapters.workers.cluster_facts import facts; print(facts()['code'])"
        words = [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()

    assert digest_there() == facts()["code"]
    shutil.rmtree(tmp_path / "adapters" / "face")  # stands elsewhere in an installation
    assert digest_there() == facts()["code"]
    with open(tmp_path / "engine" / "periods.py", "a") as file:
        file.write("# changed\n")
    assert digest_there() not in ("", facts()["code"])
