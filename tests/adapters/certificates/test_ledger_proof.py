"""Money that does not add up is found, and figures that come out otherwise a second time are named."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from adapters import synthetic_klines
from adapters.certificates import Verdict
from adapters.certificates.ledger_proof import ledger_check
from adapters.certificates.proof_subject import ProofSubject
from adapters.trials import Ground, Job
from adapters.workers import ThisProcess
from engine import BacktestConfig, FlowHistory, KlineColumns, MarketHistory, SymbolHistory, TimedValues
from engine.journal.chained_lines import canonical, chained
from tests.conftest import ROOT
from tests.support import planted_disorder as planted
from tests.support.eventful_run import EVENTFUL, FUNDING_MS, FUNDING_RATE, SYMBOLS
from tests.support.noise_runs import noise_job, noise_market
from tests.support.web_server import DAYS, START, configuration


def subject_of(job, result=None):
    return ProofSubject(job, ThisProcess(), given=result)


def eventful_job(marks: bool) -> Job:
    """All that happens to an account: exits, liquidations, funding, and marks apart from the traded price."""
    symbols = []
    for symbol in SYMBOLS:
        klines = synthetic_klines(symbol, START, DAYS * 1_440, seed=5)
        rows = TimedValues(klines.open_ms[::7] + 20_000, klines.close[::7] * 1.0004)
        flow = FlowHistory(funding_rate=TimedValues(FUNDING_MS, FUNDING_RATE), mark_price=rows if marks else None)
        part = klines.slice(100, 2_000)
        moved = [column * 0.9997 for column in (part.open, part.high, part.low, part.close)]
        mark_klines = KlineColumns(part.period_ms, part.open_ms, *moved, np.zeros(len(part))) if marks else None
        symbols.append(SymbolHistory(symbol, klines, flow=flow, mark_klines=mark_klines))
    config = BacktestConfig.from_dict(configuration(**EVENTFUL))
    return Job(config, {"": Ground(MarketHistory(symbols))}, trust=True)


@pytest.mark.parametrize(
    "job",
    [
        noise_job(),
        planted.job(planted.Both, planted.both_sources(), scheduled_interval=None),
        eventful_job(False),
        eventful_job(True),
        noise_job(scheduled_interval="1h"),
    ],
    ids=["turns", "two symbols", "eventful", "marked", "often"],
)
def test_honest_runs_add_up_and_come_out_the_same_a_second_time(job):
    check = ledger_check(subject_of(job))
    assert (check.verdict, check.evidence["differing"]) == (Verdict.PASSED, {})
    assert check.evidence["fills"] == check.evidence["figures"]["fills"] > 10
    assert "41 figures are the same a second time" in check.reason


def test_the_eventful_run_has_all_kinds_of_money():
    figures = ledger_check(subject_of(eventful_job(False))).evidence["figures"]
    assert min(abs(figures[name]) for name in ("funding_received", "fees_paid", "gross_loss")) > 0.0


@pytest.mark.parametrize("name", ["sharpe_ratio", "max_drawdown_percent", "total_pnl", "avg_holding_ms", "win_rate"])
def test_a_figure_that_is_wrong_is_named(name):
    job = noise_job()
    result = subject_of(job).result
    wrong = replace(result, **{name: getattr(result, name) * (1.0 + 3e-9) + (name == "avg_holding_ms")})
    check = ledger_check(subject_of(job, wrong))
    assert check.verdict is Verdict.FAILED
    assert check.reason.startswith(f"{name} is ")
    assert list(check.evidence["differing"]) == [name]


def test_rounding_is_no_difference():
    job = noise_job()
    result = subject_of(job).result
    check = ledger_check(subject_of(job, replace(result, sharpe_ratio=result.sharpe_ratio * (1.0 + 1e-10))))
    assert check.verdict is Verdict.PASSED


def test_a_posting_that_is_lost_is_found():
    subject = subject_of(noise_job())
    lines = [json.loads(line) for line in subject.journal[0]]
    fill = next(line for line in lines[40:] if line["message"] == "fill")
    fill["fee"] *= 0.5
    texts = [canonical({name: value for name, value in line.items() if name != "~hash"}) for line in lines]
    anew = [line.rstrip(b"\n") for part, _ in chained([texts]) for line in part]
    subject.__dict__["journal"] = anew, subject.journal[1]
    check = ledger_check(subject)
    assert check.verdict is Verdict.FAILED
    assert f"line {fill['id'] + 1} (fill of order {fill['order']}): money does not add up" in check.reason
    assert "fees_paid" in check.evidence["differing"]


def test_prices_of_another_market_give_other_figures():
    job = noise_job()
    result = subject_of(job).result
    moved = noise_market().symbols["BTC"].base.columns
    other = KlineColumns(moved.period_ms, moved.open_ms, *(each * 1.01 for each in moved.figures))
    eth = noise_market().symbols["ETH"]
    market = MarketHistory([SymbolHistory("BTC", other), eth])
    check = ledger_check(subject_of(replace(job, grounds={"": Ground(market)}), result))
    assert check.verdict is Verdict.FAILED
    assert "max_drawdown" in check.evidence["differing"]
    assert "total_trades" not in check.evidence["differing"]


MOVED = [
    {"kind": "flash_crash", "every": "6h", "duration": "2h", "percent": 3.0, "direction": "both"},
    {"kind": "stale_mark", "every": "1d", "duration": "18h"},
    {"kind": "wick", "rate_per_day": 24, "seed": 3},
    {"kind": "funding_spike"},
]


@pytest.mark.parametrize("fault", [pytest.param(each, id=each["kind"]) for each in MOVED])
def test_the_market_is_the_one_that_the_faults_of_the_run_have_made(fault):
    plain, moved = (
        replace(job, config=replace(job.config, faults=given))
        for job in [eventful_job(True)]
        for given in ([], [fault])
    )
    check = ledger_check(subject_of(moved))
    assert check.verdict is Verdict.PASSED, check.reason
    assert subject_of(moved).result.digest != subject_of(plain).result.digest


def test_the_second_implementation_shares_nothing_with_the_first():
    text = (ROOT / "adapters" / "certificates" / "reruns" / "second_statistics.py").read_text("utf-8")
    imports = [line for line in text.splitlines() if line.startswith(("import ", "from "))]
    assert all(
        line.split()[1] in {"__future__", "math", "collections.abc", "dataclasses", "typing"} for line in imports
    )
