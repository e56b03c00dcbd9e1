"""The journal of a result: its lines, its head, in files, in copies and elsewhere."""

from __future__ import annotations

import gzip
import json
import pickle
import subprocess
import sys
import tracemalloc
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine import BacktestResult, DataError
from engine.journal import Journal, replay
from processes import ProgramBacktestEngine
from tests.conftest import ROOT
from tests.support.journals import recorded
from tests.support.runs import MINUTE, START, Hold, buy, close, config, klines, market

RISE = market(X=klines(100, 100, 100, (100, 115, 100, 110), *[110.0] * 8))


@pytest.fixture(scope="module")
def result() -> BacktestResult:
    order = buy(take_profit_price=112.0, stop_loss_price=90.0)
    return recorded(RISE, {1: order, 6: lambda data: data.record("seen", 1.0)}, 9).result


def journal_of(result: BacktestResult) -> Journal:
    assert result.journal is not None
    return result.journal


def test_the_first_line_says_what_was_run_and_the_last_what_it_came_to(result: BacktestResult) -> None:
    start, *_, end = journal_of(result).records()
    assert (start["message"], start["symbols"], start["initial_balance"]) == ("start", ["X"], result.initial_balance)
    assert (start["at"], start["end"]) == (result.start_time, result.end_time)
    assert (end["digest"], end["equity"], end["why"]) == (result.digest, result.final_equity, "end")
    assert end["~hash"] == journal_of(result).head == result.journal_head


def test_lines_up_to_an_instant_are_the_first_ones(result: BacktestResult) -> None:
    journal = journal_of(result)
    lines = [line + b"\n" for line in journal.lines]
    for minute in (-1, 0, 1, 3.5, 4, 99):
        known = journal.upto(START + round(minute * MINUTE))
        expected = [line for line in lines if json.loads(line)["at"] <= START + minute * MINUTE]
        assert known == b"".join(expected)
    assert journal.upto(START - 1) == b""


def test_a_file_gives_back_the_same_journal(result: BacktestResult, tmp_path: Path) -> None:
    path = tmp_path / "run.journal"
    journal_of(result).write(path)
    again = Journal.read(path)
    assert (again.lines, again.head) == (journal_of(result).lines, result.journal_head)
    assert again.upto(START + 3 * MINUTE) == journal_of(result).upto(START + 3 * MINUTE)
    with pytest.raises(DataError, match="is no file: perpsim run --journal FILE writes a journal"):
        Journal.read(tmp_path)
    with pytest.raises(DataError, match="cannot be written"):
        journal_of(result).write(tmp_path)


@pytest.mark.parametrize("copied", [lambda each: pickle.loads(pickle.dumps(each)), deepcopy])
def test_a_copy_has_the_same_lines_and_no_market(result: BacktestResult, copied: Any) -> None:
    again = copied(result)
    assert journal_of(again).lines == journal_of(result).lines
    assert again.journal_head == result.journal_head
    assert b"MarketHistory" not in pickle.dumps(result.recording)


def test_what_let_go_of_the_market_has_the_same_lines() -> None:
    told = recorded(RISE, {1: buy()}, 9)
    before = journal_of(told.result).lines
    assert told.result.recording is not None
    told.result.recording.let_go()
    assert journal_of(told.result).lines == before


def test_a_result_that_was_changed_ends_its_journal_otherwise(result: BacktestResult) -> None:
    other = replace(result, error="the executor failed", success=False)
    *lines, end = journal_of(other).lines
    assert lines == journal_of(result).lines[:-1]
    assert (json.loads(end)["why"], json.loads(end)["digest"]) == ("failed", other.digest)
    assert other.journal_head != result.journal_head


def test_a_run_that_nothing_triggered_has_the_error_in_its_last_line() -> None:
    settings = config(Hold(), 5, scheduled_interval=None)
    found = ProgramBacktestEngine(RISE).run(settings, record_journal=True)
    assert found.error is not None
    assert json.loads(journal_of(found).lines[-1])["error"] == found.error
    assert replay(journal_of(found)).end["digest"] == found.digest


def test_without_recording_there_is_none() -> None:
    found = ProgramBacktestEngine(RISE).run(config(Hold(), 5))
    assert (found.journal, found.journal_head, found.recording) == (None, None, None)
    assert found.identity() == {"digest": found.digest, "engine_version": "0.1.0", "journal_head": None}


def test_a_result_says_its_identity_in_its_dict_and_its_json(result: BacktestResult) -> None:
    told = result.to_dict()
    assert {name: told[name] for name in result.identity()} == result.identity()
    assert json.loads(result.to_json() or "") == json.loads(json.dumps(told))
    assert result.identity()["journal_head"] == result.journal_head


ELSEWHERE = """
from tests.engine.journal.test_journal import *
told = recorded(RISE, {1: buy(take_profit_price=112.0, stop_loss_price=90.0), 5: buy(tag="b")}, 9)
print(told.result.journal_head)
"""


def test_it_has_one_head_in_every_process_time_zone_and_hash_seed() -> None:
    heads = set()
    for seed, zone in (("1", "Asia/Tokyo"), ("77", "America/New_York")):
        environment = {"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(
            [sys.executable, "-c", ELSEWHERE], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        heads.add(done.stdout.strip())
    order = buy(take_profit_price=112.0, stop_loss_price=90.0)
    assert heads == {recorded(RISE, {1: order, 5: buy(tag="b")}, 9).result.journal_head}


def test_a_long_journal_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    minutes = 20_000
    history = market(X=klines(*[100.0] * minutes))
    found = ProgramBacktestEngine(history).run(config(Hold(), minutes - 10), record_journal=True)
    path = tmp_path / "long.journal"
    tracemalloc.start()
    try:
        journal_of(found).write(path)
        written = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        played = replay(Journal.read(path))
        read = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert played.lines == minutes - 10 + 2
    assert max(written, read) < path.stat().st_size / 3


def test_a_run_that_trades_at_every_trigger_is_told_in_parts_too() -> None:
    turns = {float(minute): buy() if minute % 2 else close() for minute in range(1, 299)}
    told = recorded(market(X=klines(*[100.0] * 310)), turns, 300)
    assert told.result.recording is not None
    parts = [len(part) for part in told.result.recording.parts()]
    assert len(parts) > 1
    assert max(parts) < 1_100
    assert sum(parts) == len(told.records) - 1


def test_a_file_that_gzip_has_packed_is_read_and_a_damaged_one_refused(result: BacktestResult, tmp_path: Path) -> None:
    packed = gzip.compress(b"".join(journal_of(result)))
    path = tmp_path / "run.jsonl.gz"
    path.write_bytes(packed)
    assert Journal.read(path).lines == journal_of(result).lines
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(DataError, match=r"what gzip has packed is damaged after line \d+: "):
        replay(Journal.read(path))
