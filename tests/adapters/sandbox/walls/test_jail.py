"""Machines and users: where there is no jail, and where nobody has rights."""

import os
import subprocess
import sys

import pytest

from adapters import Sandbox, SandboxUnavailable
from adapters.sandbox import jail_problem
from tests.conftest import ROOT
from tests.support.sandboxes import jailed

UNPRIVILEGED = """
import os, sys
os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
from adapters.sandbox import Sandbox
from tests.support.sandboxes import HEAD, TIGHT, TRADER, run_code
sys.executable = {python!r}
with Sandbox(TIGHT) as made:
    print(run_code(TRADER, made.executor, minutes=20).error, os.getuid())
    print(run_code(HEAD + "        while True: pass", made.executor).error)
    print(run_code(HEAD + "        sum(range(10 ** 12))", made.executor).error)
with Sandbox(TIGHT) as made:
    code = "import sys\\nclass A:\\n    def should_trade(self, data):\\n        sys.modules['os'].kill(sys.modules['os'].getppid(), 0)"
    print(run_code(code, made.executor).error)
"""


@jailed
def test_everything_works_for_an_unprivileged_user_too():
    if os.geteuid() != 0:
        pytest.skip("the tests run as an unprivileged user already")
    python = next((each for each in (sys.executable, "/usr/bin/python3.11", "/usr/bin/python3") if usable(each)), None)
    if python is None:
        pytest.skip("no Python of this version can be run by the user nobody")
    code = UNPRIVILEGED.format(python=python)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), *(each for each in sys.path if "site-packages" in each)]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [python, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 4, done.stderr
    assert lines[0] == "None 65534"
    assert "TimeLimit" in lines[1]
    assert "could not be interrupted (line 3)" in lines[2]
    assert "system call that programs may not make" in lines[3]


def usable(python):
    """Tell whether the user nobody can run this Python, of our version."""
    code = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r})"
    try:
        return subprocess.run([python, "-c", code], user=65534, group=65534, cwd="/", check=False).returncode == 0
    except OSError:
        return False


def test_a_machine_without_a_jail_says_so(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert "Darwin has no way to lock up a process" in jail_problem()
    with pytest.raises(SandboxUnavailable, match="--trust"):
        Sandbox()


def test_a_kernel_without_landlock_says_so(monkeypatch):
    monkeypatch.setattr("adapters.sandbox.walls.landlock.landlock_version", lambda: 0)
    if sys.platform == "linux":
        assert "Landlock" in jail_problem()
