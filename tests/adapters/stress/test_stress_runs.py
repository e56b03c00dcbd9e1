"""The runs of a stress test, and what is told of them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from adapters.stress import chosen_faults, standard_faults, stress_job
from adapters.trials import Trial, TrialRunner
from adapters.workers import ThisProcess, open_workers
from engine import ConfigurationError, StrategyError
from engine.faults import Fault
from tests.support.card_programs import DAY_MS, START, Chance, job_of, noise_market


@pytest.fixture(scope="module")
def job():
    made = job_of(Chance, noise_market(1), params={"seed": 1, "hold": 6, "portion": 0.5})
    times = {"start_time": START, "end_time": START + 20 * DAY_MS}
    return replace(made, config=made.config_of(Trial(0, times)))


@pytest.fixture(scope="module")
def report(job):
    return stress_job(job, standard_faults(job.config), ThisProcess())


def test_each_run_is_that_of_the_same_configuration_with_the_fault(job, report):
    with TrialRunner(job) as runner:
        plain = runner.result(Trial(0))
        assert report.plain.digest == plain.digest
        for name in ("outage", "spread", "flash_crash", "restart", "delayed_data"):
            result = runner.result(Trial(0, {"faults": [standard_faults(job.config)[name]]}))
            run = report.by_name[name]
            assert run.outcome.digest == result.digest
            assert run.figures["total_pnl_percent"] == result.total_pnl_percent
            assert run.figures["max_drawdown_at"] == result.max_drawdown_at
            assert run.figures["liquidations"] == len(result.liquidations)
            assert any(text.endswith(run.effect) for text in result.warnings if text.startswith("fault"))
    assert report.by_name["spread"].figures["total_pnl_percent"] < report.plain.figures["total_pnl_percent"]
    assert report.failed == []


def test_on_workers_it_is_the_same(job, report):
    faults = chosen_faults(["outage", "wick", "rejects"], job.config)
    with open_workers(2, None) as workers:
        again = stress_job(job, faults, workers)
    same = {each["name"]: each for each in report.to_dict()["faults"]}
    assert again.to_dict()["faults"] == [same[name] for name in faults]


def test_what_the_configuration_has_itself_comes_beside(job):
    own = replace(job, config=job.config_of(Trial(0, {"faults": [Fault("fees", {"percent": 0.5})]})))
    made = stress_job(own, chosen_faults(["spread"], own.config), ThisProcess())
    plain = stress_job(job, chosen_faults(["spread"], job.config), ThisProcess())
    assert made.plain.figures["total_pnl"] < plain.plain.figures["total_pnl"]
    assert made.runs[0].effect.startswith("once, 480h 0m in all; fills worse: ")


def test_as_plain_values_a_table_and_a_page(report, tmp_path):
    report.save_json(tmp_path / "s.json")
    report.save(tmp_path / "s.html")
    found = json.loads((tmp_path / "s.json").read_text("utf-8"))
    assert found == json.loads(json.dumps(report.to_dict()))
    assert [each["name"] for each in found["faults"]] == list(report.by_name)
    changed = found["faults"][0]
    assert changed["changes"]["total_pnl_percent"] == pytest.approx(
        changed["total_pnl_percent"] - found["without"]["total_pnl_percent"]
    )
    text, page = str(report), (tmp_path / "s.html").read_text("utf-8")
    assert max(map(len, text.splitlines()[:26])) <= 80
    for name in report.by_name:
        assert f"\n{name}: " in text
        assert f"<td>{name}</td>" in page
    assert "<table>" in report._repr_html_()
    assert repr(report).startswith("<stress test of Chance on hyperliquid: BTC with 21 faults")
    assert report.worst.figures["total_pnl_percent"] == min(each.figures["total_pnl_percent"] for each in report.runs)


class Fails:
    def should_trade(self, data):
        raise RuntimeError("always")


class FailsLate:
    """Fails where it does not know the newest kline."""

    def should_trade(self, data):
        newest = data.get_klines("BTC", "1m", 1)[-1].timestamp * 1_000
        if data.timestamp - newest > 120_000:
            raise RuntimeError("too old")


def test_a_program_that_does_not_come_to_its_end_is_refused():
    made = job_of(Fails, noise_market(1), params={})
    with pytest.raises(StrategyError, match=r"the program does not come to its end without a fault: .*always"):
        stress_job(made, chosen_faults(["outage"], made.config), ThisProcess())


def test_one_that_a_fault_ends_is_told():
    made = job_of(FailsLate, noise_market(1), params={})
    report = stress_job(made, chosen_faults(["delayed_data:1h", "fees"], made.config), ThisProcess())
    assert [each.name for each in report.failed] == ["delayed_data:1h"]
    assert "too old" in report.by_name["delayed_data:1h"].effect
    assert "\ndelayed_data:1h (failed) " in str(report)


def test_a_long_name_takes_no_figure_its_place(job):
    name = "outage:start=2024-01-01T00:00:00Z,duration=1d,every=2d,seed=12345"
    report = stress_job(job, chosen_faults([name], job.config), ThisProcess())
    table = str(report).partition("\n\n")[2].partition(f"\n{name}")[0]
    assert "…" not in table
    assert max(map(len, table.splitlines())) <= 80


def test_a_fault_that_does_not_fit_is_refused_before_anything_runs(job):
    faults = chosen_faults([{"kind": "spread", "symbols": ["DOGE"]}], job.config)
    with pytest.raises(ConfigurationError, match="spread: faults: number 1, spread: symbols: DOGE is not one"):
        stress_job(job, faults, ThisProcess())
