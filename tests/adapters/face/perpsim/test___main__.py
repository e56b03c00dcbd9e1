"""The command by the name of the package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def test_python_m_perpsim_is_the_command(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "adapters" / "face")))}
    ended = subprocess.run(
        [sys.executable, "-m", "perpsim", "fields", "fee_rate"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert ended.stdout.startswith("fee_rate = 0.035 %")
    assert ended.returncode == 0
