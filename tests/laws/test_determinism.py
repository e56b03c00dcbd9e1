"""The same input gives the same bytes, and the future changes nothing of the past."""

import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from engine import Decision, FlowHistory, KlineColumns, MarketHistory, SymbolHistory, TimedValues
from engine.signals import SignalPool, parse_condition
from processes import PoolSource
from tests.conftest import ROOT
from tests.support.one_run import MINUTES, SYMBOLS, history, whole_run
from tests.support.runs import MINUTE, START, config, market, wired

ENVIRONMENTS = [
    # order of announcing, and what is different in the environment
    (0, {"PYTHONHASHSEED": "0"}),
    (0, {"PYTHONHASHSEED": "1", "TZ": "Asia/Kathmandu"}),
    (1, {"PYTHONHASHSEED": "12345", "TZ": "America/St_Johns"}),
    (2, {"PYTHONHASHSEED": "random", "TZ": "Pacific/Apia", "LC_ALL": "C"}),
    (3, {"PYTHONHASHSEED": "7", "PYTHONOPTIMIZE": "1"}),
]


def printed(order, changes):
    environment = {**os.environ, **changes}
    command = [sys.executable, "-m", "tests.support.one_run", str(order)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_runs_in_other_processes_hash_seeds_time_zones_and_start_orders_give_the_same_bytes():
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outputs = list(pool.map(lambda case: printed(*case), ENVIRONMENTS))
    assert {hashlib.sha256(output).hexdigest() for output in outputs} == {hashlib.sha256(outputs[0]).hexdigest()}
    values = json.loads(outputs[0])["result"]
    assert values["total_trades"] > 30
    assert values["signal_triggers"] > 20
    assert len(values["rejections"]) >= 1


@pytest.mark.parametrize("order", range(1, 9))
def test_the_order_in_which_processes_are_announced_does_not_matter(order):
    assert json.dumps(whole_run(order)) == json.dumps(usual())


_usual = {}


def usual(**fields):
    key = json.dumps(fields)
    if key not in _usual:
        _usual[key] = whole_run(0, **fields)
    return _usual[key]


def other_future(columns, cut, seed):
    """The same klines with another course after `cut`; the open of a kline that has begun is already known."""
    factor = np.where(
        columns.open_ms + MINUTE > cut, np.exp(np.random.default_rng(seed).normal(0, 0.3, len(columns))), 1
    )
    new = {name: getattr(columns, name) * factor for name in ("open", "high", "low", "close", "volume")}
    new["open"] = np.where(columns.open_ms <= cut, columns.open, new["open"])
    new["high"], new["low"] = np.maximum(new["high"], new["open"]), np.minimum(new["low"], new["open"])
    return KlineColumns(columns.period_ms, columns.open_ms, **new)


def until(values, cut):
    """What of a run had happened at `cut`."""
    return {
        "decisions": [entry for entry in values["trigger_log"] if entry["timestamp"] <= cut],
        "trades": [trade for trade in values["trades"] if trade["exit_timestamp"] <= cut],
        "curve": [point for point in values["equity_curve"] if point["timestamp"] <= cut],
    }


@pytest.mark.parametrize("execution", ["close", "open", "vwap"])
@pytest.mark.parametrize("minute", [35, 140, 300.25, 555, 700.999])
def test_another_future_changes_no_decision_and_no_trade_before_it(minute, execution):
    cut = START + round(minute * MINUTE)
    base = history()
    changed = market(
        **{name: other_future(base.symbols[name].base.columns, cut, seed) for seed, name in enumerate(SYMBOLS)}
    )
    truth = usual(execution_price=execution)["result"]
    scrambled = whole_run(0, changed, execution_price=execution)["result"]
    assert until(truth, cut) == until(scrambled, cut)
    assert truth["trades"] != scrambled["trades"]
    assert len(until(truth, cut)["decisions"]) >= minute // 5
    assert len(truth["trigger_log"]) > MINUTES // 5


def with_marks(base, mark_klines, rows):
    """The same market with klines of the mark price, or with rows at their closes and half a minute before."""
    found = []
    for name in SYMBOLS:
        marks = mark_klines[name]
        times = np.stack((marks.open_ms + MINUTE // 2, marks.open_ms + MINUTE), axis=1).ravel()
        values = TimedValues(times, np.stack((marks.high, marks.close), axis=1).ravel())
        flow = FlowHistory(mark_price=values if rows else None)
        klines = None if rows else marks
        found.append(SymbolHistory(name, base.symbols[name].base.columns, flow=flow, mark_klines=klines))
    return MarketHistory(found)


@pytest.mark.parametrize("rows", [False, True], ids=["mark klines", "mark rows"])
@pytest.mark.parametrize("minute", [140, 555])
def test_other_marks_of_the_future_change_nothing_before_it(minute, rows):
    cut, base = START + minute * MINUTE, history()
    marks = {name: base.symbols[name].base.columns for name in SYMBOLS}
    others = {name: other_future(marks[name], cut, seed) for seed, name in enumerate(SYMBOLS)}
    fields = {"trigger_price": "mark"}
    truth = whole_run(0, with_marks(base, marks, rows), **fields)["result"]
    scrambled = whole_run(0, with_marks(base, others, rows), **fields)["result"]
    assert until(truth, cut) == until(scrambled, cut)
    assert truth["trades"] != scrambled["trades"]


class Moody:
    """Trades by a feature, wakes by it too, and records what it sees."""

    def should_trade(self, data):
        name = data.trigger_symbol or "BTC"
        seen = data.get_feature("mood", name, 3)
        if not seen:
            return None
        data.record("mood", sum(seen["values"]))
        data.record("age", data.timestamp - seen["time"])
        if name in data.positions:
            return Decision("close", name) if seen["value"] < 0 else None
        operation = "buy" if seen["value"] > 0 else "sell"
        return Decision(operation, name, target_portion_of_balance=0.2, leverage=2, reason=f"{seen['value']!r}")


def moody_run(values):
    times = START + 400_123 * np.arange(1, len(values) + 1)
    frame = {"time": times, "mood": values}
    symbols = [*history().symbols.values()]
    settings = config(Moody, MINUTES, SYMBOLS, scheduled_interval="5m")
    pool = SignalPool.of(parse_condition({"metric": "feature:mood", "operator": ">", "threshold": 0.5}))
    sim = wired(MarketHistory(symbols, features={"mood": frame}), settings, [PoolSource(pool)])
    return times, sim.run().to_dict(timing=False, all_triggers=True)


@pytest.mark.parametrize("place", [20, 77, 110])
def test_other_features_of_the_future_change_nothing_before_it(place):
    values = np.random.default_rng(4).normal(size=130)
    others = np.where(np.arange(130) < place, values, -3.0 * values + 0.1)
    (times, truth), (_, scrambled) = moody_run(values), moody_run(others)
    for cut in (int(times[place]) - 1, int(times[place - 1])):
        assert until(truth, cut) == until(scrambled, cut)
        one, other = (recorded_until(each["records"], cut) for each in (truth, scrambled))
        assert one == other
        assert len(one["mood"]) > place
    assert truth["trades"] != scrambled["trades"]
    assert recorded_until(truth["records"], START + MINUTES * MINUTE) != recorded_until(
        scrambled["records"], START + MINUTES * MINUTE
    )
    assert truth["signal_triggers"] > 10


def recorded_until(records, cut):
    return {
        name: [pair for pair in zip(each["timestamp"], each["value"], strict=True) if pair[0] <= cut]
        for name, each in records.items()
    }


@pytest.mark.parametrize("minute", [140, 555])
def test_a_run_that_ends_earlier_is_the_beginning_of_a_longer_one(minute):
    end = START + minute * MINUTE
    short, long = whole_run(0, end_time=end)["result"], usual()["result"]
    assert until(short, end) == until(long, end)
    assert short["trades"] == [trade for trade in long["trades"] if trade["exit_timestamp"] <= end]


def test_running_twice_in_one_process_gives_the_same_bytes():
    shared = history()
    assert json.dumps(whole_run(0, shared)) == json.dumps(whole_run(0, shared)) == json.dumps(usual())
