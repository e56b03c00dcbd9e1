"""What a certificate comes to, as text and as JSON."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.certificates import Certificate, CertificateCheck, Verdict, make_certificate
from adapters.workers import ProcessWorkers, ThisProcess
from engine import StrategyError
from tests.support.noise_runs import DAY, START, Turns, noise_job


def check(verdict, name="a", **more):
    return CertificateCheck(name, f"Check {name}", "It proves something", verdict, "for a reason", **more)


def certificate(*verdicts):
    checks = [check(verdict, name) for name, verdict in zip("abc", verdicts, strict=False)]
    return Certificate("Dips on hyperliquid: BTC", START, START + DAY, "0" * 32, checks)


@pytest.mark.parametrize(
    ("verdicts", "expected", "reason"),
    [
        ((Verdict.PASSED,), Verdict.PASSED, "1 check passed"),
        ((Verdict.PASSED, Verdict.PASSED), Verdict.PASSED, "all 2 checks passed"),
        ((Verdict.PASSED, Verdict.NOT_SHOWN), Verdict.NOT_SHOWN, "not shown: Check b"),
        ((Verdict.FAILED, Verdict.NOT_SHOWN, Verdict.FAILED), Verdict.FAILED, "failed: Check a, Check c"),
    ],
)
def test_the_worst_check_decides(verdicts, expected, reason):
    made = certificate(*verdicts)
    assert (made.verdict, made.reason) == (expected, reason)
    assert repr(made) == (
        f"<certificate of Dips on hyperliquid: BTC: {expected}, {reason}; print it, .save_json(path) writes it>"
    )


def test_its_text_has_all_of_it_in_80_columns():
    told = check(Verdict.PASSED, "long", not_shown=["features " + "x, " * 60])
    text = str(Certificate("T", START, START + DAY, "f" * 32, [told, check(Verdict.FAILED, "b")]))
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1] == "2024-01-01 00:00:00 UTC to 2024-01-02 00:00:00 UTC, digest"
    assert "Certificate: FAILED, failed: Check b" in lines
    assert "Check long: passed" in lines
    assert "    Proved: it proves something" in lines
    assert "    To be proved: it proves something" in lines
    assert any(line.startswith("    Not shown for features x, x") for line in lines)


def test_its_json_has_the_evidence(tmp_path):
    made = Certificate("T", START, START + DAY, "f" * 32, [check(Verdict.PASSED, evidence={"cuts": (1, 2)})])
    made.save_json(tmp_path / "it.json")
    found = json.loads((tmp_path / "it.json").read_text("utf-8"))
    assert found == made.to_dict()
    assert found["checks"][0]["evidence"] == {"cuts": [1, 2]}
    assert (found["verdict"], found["start_time"], found["digest"]) == ("passed", START, "f" * 32)
    assert made.check("a").title == "Check a"


class CannotBegin:
    def init(self, params):
        raise OSError("no such file")

    def should_trade(self, data):
        return None


def test_a_program_that_cannot_begin_has_none():
    with ThisProcess() as here, pytest.raises(StrategyError, match=r"does not come to its end: .*no such file"):
        make_certificate(noise_job(CannotBegin), here, cuts=1, ties=1)


@dataclass
class KillsOneWorker(Turns):
    """Ends the first process of a worker that it runs in, and decides as ever after that."""

    here: int
    note: str

    def should_trade(self, data):
        if os.getpid() != self.here and not Path(self.note).exists():
            Path(self.note).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().should_trade(data)


def test_a_worker_that_is_killed_takes_nothing_with_it(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    note = tmp_path / "note"
    job = noise_job(KillsOneWorker(os.getpid(), str(note)), end_time=START + DAY)
    with ProcessWorkers(2) as workers:
        made = make_certificate(job, workers, cuts=4, ties=1)
        pids = workers.pids
    assert (made.verdict, made.check("look_ahead").not_shown) == (Verdict.PASSED, [])
    assert [each.name for each in tmp_path.iterdir()] == [note.name]
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
