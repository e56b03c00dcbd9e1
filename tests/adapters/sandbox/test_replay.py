"""Reports that lie: every change of what a worker tells is an error."""

import pytest

import adapters.sandbox.sandbox as sandbox_module
from engine import ConfigurationError, ExecutionModels, Simulation, StrategyError, VenueRules
from processes import ProgramBacktestEngine, start_standard_processes, trusted_executor
from tests.support.runs import MINUTE, START, config
from tests.support.sandboxes import TRADER, jailed, run_code, wave


def tampered(change):
    """A sandbox whose workers' frames go through a change before anybody reads them."""

    class Worker(sandbox_module.WorkerProcess):
        def frame(self):
            frame = super().frame()
            return change(frame) or frame

    return Worker


def on_entries(change):
    def apply(frame):
        if frame["kind"] == "triggers":
            change(frame["entries"])

    return tampered(apply)


def put(place, value):
    return on_entries(lambda entries: entries[0].__setitem__(place, value))


def put_short(*entries):
    """Say of the first trigger that too short indicators were asked for."""
    return on_entries(lambda found: found[0].extend([*[None] * (11 - len(found[0])), list(entries)]))


LIES = {
    "another time": put(0, START),
    "another kind": put(1, "signal"),
    "another symbol": put(2, "Y"),
    "another pool": put(3, "pool"),
    "another balance": put(4, 10_001.0),
    "another number of trades": put(5, 7),
    "a decision that is none": put(6, "buy"),
    "a decision with too few values": put(6, ["buy", "X"]),
    "a decision with a list": put(6, [[]] * 13),
    "a number that is not finite": put(6, ["buy", "X", "", "", float("inf"), *[1] * 8]),
    "a text that is none": put(6, ["buy", "X", "\ud800", "", 0.5, *[1] * 8]),
    "a log that is none": put(7, "text"),
    "a log of numbers": put(7, [1]),
    "a log without end": put(7, ["x"] * 500),
    "a too short indicator that is none": put_short(["X", "MACD", "1m"]),
    "a too short indicator of no time": put_short(["X", "MACD", "1m", -1]),
    "an indicator that is not too short": put_short(["X", "MA1", "1m", START + 5 * MINUTE]),
    "an indicator that there is not": put_short(["X", "MOCD", "1m", START]),
    "a symbol that there is not": put_short(["Z", "MACD", "1m", START]),
    "an entry too long": on_entries(lambda entries: entries[0].extend([None] * 9)),
    "an entry that is none": on_entries(lambda entries: entries.__setitem__(0, 5)),
    "decisions in another order": on_entries(lambda entries: entries.reverse()),
    "an invented trigger": on_entries(lambda entries: entries.insert(0, list(entries[0]))),
    "a trigger at the end": on_entries(lambda entries: entries.append(list(entries[-1]))),
    "a trigger left out": on_entries(lambda entries: entries.pop()),
    "no triggers": on_entries(lambda entries: entries.clear()),
    "another count": tampered(lambda f: {**f, "first": 3} if f["kind"] == "triggers" else None),
    "another end": tampered(lambda f: {**f, "count": 1} if f["kind"] == "end" else None),
    "an end at the start": tampered(lambda f: {"kind": "end", "count": 0} if f["kind"] == "triggers" else None),
    "a kind that there is not": tampered(lambda f: {"kind": "equity", "equity": 1e9}),
    "names that are none": tampered(lambda f: {**f, "read": [1]} if f["kind"] == "started" else None),
    "read parameters that are none": on_entries(lambda found: found[0].extend([*[None] * (12 - len(found[0])), [1]])),
    "problems that are none": tampered(lambda f: {"kind": "problems", "problems": [[1, 2]]}),
}


@jailed
@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_report_that_lies_is_an_error(lie, sandbox, monkeypatch):
    monkeypatch.setattr(sandbox_module, "WorkerProcess", lie)
    try:
        error = run_code(TRADER, sandbox.executor, minutes=30).error
    except StrategyError as raised:
        error = str(raised)
    assert "cannot be believed" in error
    assert sandbox.turnstile.inside == 0


def outage(sim):
    yield sim.at(sim.start_ms + 2 * MINUTE)
    sim.exchange.reject_orders("outage")


class NoSlippage:
    def fill_price(self, order):
        return order.price


@jailed
@pytest.mark.parametrize(
    ("what", "parts", "prepare"),
    [
        ("models", {"models": ExecutionModels(slippage=NoSlippage())}, None),
        ("rules", {"rules": VenueRules(venue="mine")}, None),
        ("the process 'outage'", {}, lambda sim: sim.process(outage)),
        ("checks of orders", {}, lambda sim: sim.exchange.checks.append(lambda decision, now: None)),
    ],
)
def test_source_text_with_parts_of_ones_own_is_refused_before_the_run(sandbox, what, parts, prepare):
    settings = config(TRADER, 9)
    engine = ProgramBacktestEngine(wave(), executor_for=sandbox.executor, **parts)
    with pytest.raises(ConfigurationError, match=f"together with {what} of your own yet: give the program as a class"):
        engine.run(settings, prepare=prepare)
    trusted = ProgramBacktestEngine(wave(), executor_for=trusted_executor, **parts).run(settings, prepare=prepare)
    assert trusted.success


@jailed
def test_a_process_that_is_announced_after_the_executor_was_made_is_refused_too(sandbox):
    sim = Simulation(wave(), config(TRADER, 9))
    executor = sandbox.executor(sim)
    start_standard_processes(sim, executor)
    sim.process(outage)
    with pytest.raises(ConfigurationError, match="the process 'outage'"):
        sim.run()
    executor.finish(whole=False)
