"""The configuration: the contract's fields and defaults, every wrong field named at once."""

import copy
import json
import pickle
import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from engine import BacktestConfig, ConfigurationError, Simulation
from processes import ProgramBacktestEngine
from tests.conftest import ROOT
from tests.support.runs import HOUR, MINUTE, START, Hold, klines, market

GOOD = {"strategy": Hold, "symbols": ["BTC"], "start_time": START, "end_time": START + HOUR}

CONTRACT_DEFAULTS = {
    "code": None,
    "strategy": None,
    "params": {},
    "signal_pool_ids": (),
    "symbols": (),
    "scheduled_interval": None,
    "initial_balance": 10000.0,
    "slippage_percent": 0.05,
    "fee_rate": 0.035,
    "execution_price": "close",
    "exchange": "hyperliquid",
    "schedule_mode": "grid",
    "maker_fee_rate": None,
    "mark_stale_ms": 60000,
    "price_stale_ms": 600000,
    "intrabar": "pessimistic",
    "watch_period": "1m",
    "bracket_execution": "market",
    "fill_on": "through",
    "on_strategy_error": "stop",
    "strategy_lifetime": "run",
    "profile": None,
    "max_leverage": 50,
    "base_period": "1m",
    "order_latency_ms": 0,
    "strict_data": False,
}


def problems(**values):
    with pytest.raises(ConfigurationError) as caught:
        BacktestConfig.from_dict({**GOOD, **values})
    return caught.value.problems


def test_the_defaults_are_those_of_the_contract():
    config = BacktestConfig(**GOOD)
    given = {name: getattr(config, name) for name in CONTRACT_DEFAULTS if name not in GOOD}
    assert given == {name: value for name, value in CONTRACT_DEFAULTS.items() if name not in GOOD}
    assert config.maker_percent == config.fee_rate


def test_every_field_of_the_contract_exists():
    assert {each.name for each in fields(BacktestConfig)} >= {*CONTRACT_DEFAULTS, "start_time", "end_time"}


WRONG = {
    "symbols": [[], "BTC", ["BTC", "BTC"], [""], ["BTC", 5], None, 7],
    "start_time": ["2024-01-01", "2024-01-01T00:00:00", "yesterday", 1.5, None, True, -1, 10**16, datetime(2024, 1, 1)],
    "end_time": [
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2024-01-02 00:00",
        datetime(2024, 1, 2),
        START,
        START - 1,
    ],
    "strategy": [object(), "class Source: pass", 5],
    "code": [5, b"bytes"],
    "params": [[1], "x", None],
    "signal_pool_ids": ["1", 5, ["1"], [1.5], [True], [1, 1]],
    "scheduled_interval": ["7m", "", 0, -60, 1.5, True, "60"],
    "initial_balance": [0, 1e-300, 1e300, 1e12 + 1, 10**400, -1.0, float("nan"), float("inf"), "10000", True, None],
    "slippage_percent": [-0.1, 51.0, float("nan"), "0", None],
    "fee_rate": [-0.1, 11.0, float("inf"), "0"],
    "execution_price": ["mid", None, 5],
    "exchange": ["", "  ", None, 5],
    "schedule_mode": ["GRID", None],
    "maker_fee_rate": [-1.5, 10.5, "0", float("nan")],
    "mark_stale_ms": [-1, 1.5, "60000", None, True],
    "price_stale_ms": [-1, 0.5, "x", True],
    "intrabar": ["random", None],
    "drill_down": [1, "true", None],
    "watch_period": ["1h", None],
    "trigger_price": ["index", "", 5],
    "bracket_execution": ["stop", None],
    "fill_on": ["never", None],
    "warm_up": ["wait", None, True],
    "on_strategy_error": ["ignore", None],
    "language": ["rust", None, True],
    "profile": ["paper", "LIVE", "", True, ["live"]],
    "max_leverage": [0, 51, 2.5, "10", None, True],
    "strategy_lifetime": ["forever", None],
    "base_period": ["7m", None, 60],
    "order_latency_ms": [-1, 0.5, True, None],
    "strict_data": [0, "no", None],
    "liquidation": [1, "yes", None],
    "funding": [0, "on", None],
    "funding_interval": ["1d", 8, ""],
    "margin_mode": ["portfolio", None],
    "venue": ["ftx", "", 5],
    "fee_model": ["free", 5],
    "slippage_model": ["linear", None],
    "slippage_impact_percent": [-0.1, 51.0, "1", None],
    "latency_model": ["normal", None],
    "latency_sigma": [-0.1, 5.1, None],
    "latency_seed": [-1, 0.5, None],
    "wake_on": ["fill", ["fills"], ["fill", "fill"], [1]],
    "latency_by_hour_ms": [[1], "x", [0] * 23 + [-1], 5],
    "volume_cap_percent": [0.0, 101.0, "5"],
    "max_position_usd": [0.0, -1.0, "5", float("inf")],
    "max_daily_loss_usd": [0.0, -1.0, float("nan")],
    "max_open_orders": [0, 1.5, True],
    "stop_cooldown_seconds": [0, 1.5, "60"],
    "faults": [
        "outage",
        None,
        {"kind": "outage"},
        [5],
        [{}],
        [{"kind": "outrage"}],
        [{"kind": "outage", "long": "2h"}],
    ],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_refused_with_the_name_of_its_field(name, value):
    found = problems(**{name: value})
    assert {line.partition(":")[0] for line in found} <= {name, "strategy"}
    assert any(line.startswith(f"{name}: ") for line in found)


def test_every_field_of_the_contract_is_checked():
    assert set(WRONG) == {each.name for each in fields(BacktestConfig)}


def test_every_wrong_field_is_named_at_once():
    found = problems(**{name: values[0] for name, values in WRONG.items()}, lenght=3)
    assert sorted({line.partition(":")[0] for line in found}) == sorted({*WRONG, "lenght"})


def test_the_error_text_has_one_line_for_each_problem():
    with pytest.raises(ConfigurationError) as caught:
        BacktestConfig(**{**GOOD, "fee_rate": -1, "symbols": []})
    assert str(caught.value).splitlines() == list(caught.value.problems)
    assert len(caught.value.problems) == 2


LIVE = {
    "schedule_mode": "after_trigger",
    "strategy_lifetime": "trigger",
    "on_strategy_error": "hold",
    "max_leverage": 10,
    "warm_up": "trade",
}
OTHERWISE = {
    "schedule_mode": "grid",
    "strategy_lifetime": "run",
    "on_strategy_error": "stop",
    "max_leverage": 50,
    "warm_up": "hold",
}


def of_live(config):
    return {name: getattr(config, name) for name in LIVE}


@pytest.mark.parametrize("made", [BacktestConfig.from_dict, lambda values: BacktestConfig(**values)])
@pytest.mark.parametrize("name", LIVE)
def test_the_profile_live_sets_what_is_not_given_and_nothing_else(made, name):
    assert of_live(made({**GOOD, "profile": "live"})) == LIVE
    given = made({**GOOD, "profile": "live", name: OTHERWISE[name]})  # the default, but given
    assert of_live(given) == {**LIVE, name: OTHERWISE[name]}
    assert of_live(made(GOOD)) == of_live(made({**GOOD, "profile": None})) == OTHERWISE
    plain, live = made(GOOD), made({**GOOD, "profile": "live"})
    same = {each.name for each in fields(BacktestConfig)} - {*LIVE, "profile"}
    assert [each for each in same if getattr(plain, each) != getattr(live, each)] == []
    assert (plain.least_portion, live.least_portion) == (0.0, 0.1)


def test_a_configuration_knows_which_fields_it_was_given():
    config = BacktestConfig(**GOOD, warm_up="hold")
    assert (config.gives("warm_up"), config.gives("symbols"), config.gives("fee_rate")) == (True, True, False)


@pytest.mark.parametrize("given", [{}, {"warm_up": "hold"}, OTHERWISE])
def test_a_profile_comes_through_json_copies_and_changes(given):
    config = BacktestConfig(**GOOD, profile="live", **given)
    values = json.loads(json.dumps(config.to_dict()))
    assert {**values, **LIVE, **given} == values
    assert BacktestConfig.from_dict({**values, "strategy": Hold}).to_dict() == values
    for again in (copy.deepcopy(config), pickle.loads(pickle.dumps(config)), replace(config, fee_rate=0.035)):
        assert again.to_dict() == values


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("fee_rates", "fee_rate"),
        ("slipage_percent", "slippage_percent"),
        ("symbol", "symbols"),
        ("endtime", "end_time"),
    ],
)
def test_an_unknown_field_is_an_error_with_a_hint(name, hint):
    assert problems(**{name: 1}) == (f"{name}: there is no such field; did you mean {hint}?",)


def test_an_unknown_field_that_resembles_nothing_has_no_hint():
    assert problems(zzzzzz=1) == ("zzzzzz: there is no such field",)


def test_missing_times_are_named_once_each():
    with pytest.raises(ConfigurationError) as caught:
        BacktestConfig.from_dict({"strategy": Hold, "symbols": ["BTC"]})
    assert caught.value.problems == ("start_time: is required", "end_time: is required")


@pytest.mark.parametrize("missing", ["start_time", "end_time"])
def test_a_missing_time_is_the_only_problem_when_the_other_is_there(missing):
    values = {name: value for name, value in GOOD.items() if name != missing}
    with pytest.raises(ConfigurationError) as caught:
        BacktestConfig.from_dict(values)
    assert caught.value.problems == (f"{missing}: is required",)


@pytest.mark.parametrize(
    "value",
    [
        START,
        "2024-01-01T00:00:00Z",
        "2024-01-01T00:00:00+00:00",
        "2024-01-01T01:00:00+01:00",
        " 2023-12-31T19:00:00-05:00 ",
        datetime(2024, 1, 1, tzinfo=UTC),
        datetime(2024, 1, 1, 5, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    ],
    ids=str,
)
def test_every_way_to_write_a_time_is_the_same_instant(value):
    assert BacktestConfig(**{**GOOD, "start_time": value}).start_ms == START


def test_a_naive_time_is_refused_with_what_to_write_instead():
    (line,) = problems(start_time=datetime(2024, 1, 1))
    assert "no time zone" in line
    assert "Z" in line


def test_milliseconds_of_a_time_survive():
    config = BacktestConfig(**{**GOOD, "start_time": "2024-01-01T00:00:00.123Z"})
    assert config.start_ms == START + 123


@pytest.mark.parametrize(
    ("interval", "length"), [(None, None), ("1m", MINUTE), ("1d", 24 * HOUR), (90, 90_000), ("15m", 15 * MINUTE)]
)
def test_the_scheduled_interval_is_a_period_or_whole_seconds(interval, length):
    assert BacktestConfig(**GOOD, scheduled_interval=interval).interval_ms == length


@pytest.mark.parametrize(("period", "stale"), [("1m", 10 * MINUTE), ("1h", 10 * HOUR)])
def test_the_stale_limit_defaults_to_ten_base_periods(period, stale):
    assert BacktestConfig(**GOOD, base_period=period).price_stale_ms == stale
    assert BacktestConfig(**GOOD, base_period=period, price_stale_ms=5).price_stale_ms == 5


@pytest.mark.parametrize("both", [{"code": "x", "strategy": Hold}, {"code": None, "strategy": None}])
def test_exactly_one_of_code_and_strategy_is_wanted(both):
    (line,) = problems(**both)
    assert line.startswith("strategy: give either code")


def test_what_the_caller_changes_later_changes_no_configuration():
    symbols, params = ["BTC"], {"a": 1}
    config = BacktestConfig(**{**GOOD, "symbols": symbols}, params=params)
    symbols.append("ETH")
    params["b"] = 2
    assert (config.symbols, config.params) == (("BTC",), {"a": 1})


def test_exchange_names_are_lower_case():
    assert BacktestConfig(**GOOD, exchange="Binance").exchange == "binance"


def test_to_dict_is_plain_and_makes_the_same_configuration_again():
    config = BacktestConfig(**{**GOOD, "start_time": "2024-01-01T00:00:00Z"}, params={"n": 5}, fee_rate=0.01)
    values = json.loads(json.dumps(config.to_dict()))
    assert values["start_time"] == START
    assert values["strategy"] == "Hold"
    again = BacktestConfig.from_dict({**values, "strategy": Hold})
    assert json.loads(json.dumps(again.to_dict())) == values


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, float("nan"), {"deep": [object()]}], ids=lambda v: type(v).__name__
)
def test_to_dict_is_plain_json_whatever_the_parameters_are(value):
    config = BacktestConfig(**GOOD, params={"value": value})
    json.dumps(config.to_dict(), allow_nan=False)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"symbols": ["ETH"]}, "symbols: ETH is not in the market history (there: BTC)"),
        (
            {"start_time": START - 2 * HOUR, "end_time": START - HOUR},
            "symbols: BTC has no klines between start_time and end_time; loaded are those from 2024-01-01 00:00:00 UTC "
            "to 2024-01-01 00:02:00 UTC",
        ),
        (
            {"start_time": START + 2 * MINUTE, "end_time": START + HOUR},
            "symbols: BTC has no klines between start_time and end_time; loaded are those from 2024-01-01 00:00:00 UTC "
            "to 2024-01-01 00:02:00 UTC",
        ),
        (
            {"start_time": START - 61 * MINUTE, "end_time": START + MINUTE},
            "start_time: lies outside of the loaded klines, which go from 2024-01-01 00:00:00 UTC to "
            "2024-01-01 00:02:00 UTC",
        ),
        (
            {"start_time": START, "end_time": START + 63 * MINUTE, "strict_data": True},
            "end_time: lies outside of the loaded klines, which go from 2024-01-01 00:00:00 UTC to "
            "2024-01-01 00:02:00 UTC",
        ),
        ({"base_period": "1h"}, "base_period: BTC has klines of 1m as its finest, not of 1h"),
    ],
)
def test_a_market_that_does_not_fit_is_a_configuration_error(fields, says):
    with pytest.raises(ConfigurationError) as caught:
        Simulation(market(BTC=klines(100.0, 100.0)), BacktestConfig(**{**GOOD, **fields}))
    assert caught.value.problems == (says,)


@pytest.mark.parametrize("name", ["initial_balance", "end_time", "symbols", "scheduled_interval", "latency_seed"])
def test_a_number_of_more_digits_than_python_writes_is_a_problem_like_any_other(name):
    said = problems(**{name: -(10**5_000)})
    assert said[0].startswith(f"{name}: this int ")


def test_parameters_are_not_nested_without_end():
    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]
    assert problems(params={"deep": deep}) == ("params: is nested more than 100 levels deep",)


def test_a_run_that_is_to_end_after_the_klines_ends_with_them_and_says_so():
    config = BacktestConfig(**{**GOOD, "end_time": "9999-12-31T23:59:59Z"})
    simulation = Simulation(market(BTC=klines(100.0, 100.0)), config)
    assert simulation.end_ms == simulation.config.end_ms == START + 2 * MINUTE
    assert simulation.warnings == [
        "end_time: 9999-12-31 23:59:59 UTC lies after all loaded klines: the run ends with the last of them, at "
        "2024-01-01 00:02:00 UTC"
    ]


def test_an_end_years_after_the_klines_costs_nothing_and_changes_nothing():
    at_end, years_later = (
        ProgramBacktestEngine(market(BTC=klines(*[100.0] * 180))).run(
            BacktestConfig(**{**GOOD, "end_time": end, "scheduled_interval": 60})
        )
        for end in (START + 180 * MINUTE, "2099-01-01T00:00:00Z")
    )
    assert years_later.total_triggers == at_end.total_triggers == 180
    assert years_later.execution_time_ms < 10_000
    assert years_later.equity.equity.tolist() == at_end.equity.equity.tolist()


def test_a_run_may_reach_an_hour_beyond_the_klines_and_hold_holes():
    fields = {**GOOD, "start_time": START - HOUR, "end_time": START + 2 * HOUR}
    Simulation(market(BTC=klines(*[100.0] * 2, *[None] * 57, 100.0)), BacktestConfig(**fields))


def test_a_symbol_may_begin_later_than_another():
    fields = {**GOOD, "symbols": ["BTC", "ETH"], "start_time": START, "end_time": START + 60 * MINUTE}
    later = klines(100.0, 100.0, start_ms=START + 40 * MINUTE)
    Simulation(market(BTC=klines(*[100.0] * 60), ETH=later), BacktestConfig(**fields))


@pytest.mark.parametrize(
    ("value", "unit", "says"),
    [
        (1_704_067_200, "seconds", "2024-01-01 00:00:00 UTC: write 1704067200000"),
        (1_704_067_200_000_000, "microseconds", "2024-01-01 00:00:00 UTC: write 1704067200000"),
        (1_704_067_200_000_000_000, "nanoseconds", "2024-01-01 00:00:00 UTC: write 1704067200000"),
    ],
)
@pytest.mark.parametrize("name", ["start_time", "end_time"])
def test_epoch_times_in_another_unit_are_refused_and_never_taken_as_1970(name, value, unit, says):
    (line,) = problems(**{name: value})
    assert (
        line
        == f"{name}: {value} is no time in epoch ms between 1973 and 9999; as epoch {unit} it is {says} or an ISO time"
    )


def pickled_in(statement: str) -> str:
    """What a process prints that pickles a configuration with `strategy` after a statement."""
    code = (
        "import copy, pickle, sys\nfrom engine import BacktestConfig, ConfigurationError\n"
        f"class Base:\n    def should_trade(self, data): ...\n{statement}\n"
        "times = {'start_time': 10**12, 'end_time': 10**12 + 60_000}\n"
        "config = BacktestConfig(strategy=strategy, symbols=['X'], params=params, **times)\n"
        "assert copy.copy(config) is config\n"
        "assert copy.deepcopy(config).to_dict() == config.to_dict()\n"
        "try:\n    print(pickle.loads(pickle.dumps(config)) == config)\n"
        "except ConfigurationError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.strip()


def test_configurations_can_be_pickled_and_copied_with_what_was_given():
    plain = BacktestConfig(**GOOD, slippage_percent=0.05)
    for copied in (pickle.loads(pickle.dumps(plain)), copy.deepcopy(plain), copy.copy(plain)):
        assert copied == plain
        assert (copied.gives("slippage_percent"), copied.gives("fee_rate")) == (True, False)
    assert pickled_in("class A(Base): pass\nstrategy, params = A, {}") == "True"


@pytest.mark.parametrize(
    ("statement", "field"),
    [
        ("def f():\n    class A(Base): pass\n    return A\nstrategy, params = f(), {}", "strategy"),
        ("class A(Base): pass\nstrategy, params = A, {'call': lambda: 1}", "params"),
        ("class A(Base): pass\nstrategy, params = A(), {}\nstrategy.call = lambda: 1", "strategy"),
    ],
)
def test_what_cannot_go_to_another_process_is_said_when_it_is_pickled(statement, field):
    told = pickled_in(statement)
    assert told.startswith(f"{field}: ")
    assert "cannot go to another process" in told
    assert "define it at the top of a module" in told


def test_what_sends_classes_by_value_is_left_to_do_so():
    """Where such a library is loaded it gets the class itself; plain pickle then says by itself that it cannot."""
    statement = (
        "import types\nsys.modules['cloudpickle'] = types.ModuleType('cloudpickle')\n"
        "def f():\n    class A(Base): pass\n    return A\nstrategy, params = f(), {}\n"
        "def sent(config): return config.__getstate__()['strategy'] is strategy\n"
        "pickle.dumps = lambda config: config\npickle.loads = lambda config: config if sent(config) else None"
    )
    assert pickled_in(statement) == "True"


def test_a_number_is_the_same_however_it_is_written() -> None:
    whole = BacktestConfig(**GOOD, initial_balance=5_000, fee_rate=0, max_position_usd=10**6)
    split = BacktestConfig(**GOOD, initial_balance=5_000.0, fee_rate=0.0, max_position_usd=1e6)
    assert repr(whole.to_dict()) == repr(split.to_dict())
