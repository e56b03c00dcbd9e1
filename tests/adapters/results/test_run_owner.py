"""Who runs something: a process, or a part of one."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from adapters.results import Runner


def test_a_process_and_a_part_of_it_are_gone_when_they_are_over() -> None:
    this, part = Runner.this(), Runner.part_of_this()
    assert Runner.parse(this.to_text()) == this
    assert Runner.parse(part.to_text()) == part != Runner.part_of_this()
    assert "part" not in this.to_text()
    assert not this.is_gone()
    assert not part.is_gone()
    part.end()
    assert part.is_gone()
    assert not this.is_gone()
    this.end()  # it has no part that could be
    assert not this.is_gone()


def test_a_part_of_another_process_lasts_as_long_as_that() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        part = Runner(Runner.this().host, other.pid, None, 10**9)
        assert not part.is_gone()
        assert not replace(part, host="elsewhere").is_gone()
        other.communicate(b"\n")
    assert part.is_gone()
    assert not replace(part, host="elsewhere").is_gone()
