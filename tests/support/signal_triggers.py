"""Random cases of signals, and the comparison of their triggers."""

from __future__ import annotations

import math
import random
from typing import Any

from tests.oracles.signal_oracle import SlowMarket
from tests.support.signal_markets import START, random_condition, random_market


def close(ours: Any, theirs: Any) -> bool:
    if isinstance(theirs, float) or isinstance(ours, float):
        return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
    return bool(ours == theirs)


def told(trigger: Any) -> dict[int, dict[str, Any]]:
    """What a trigger says, in the shape of the judge."""
    out = {}
    for fact in trigger.triggered_signals:
        if fact["metric"] == "macd":
            seen: dict[str, Any] = {"event": fact["triggered_event"], "values": fact["values"]}
        elif fact["metric"] == "taker_volume":
            seen = {name: fact[name] for name in "value ratio buy sell total volume log_ratio direction".split()}
        else:
            seen = {"value": fact["value"]}
        out[fact["signal_id"]] = seen
    return out


def same_fact(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    if "values" in theirs:
        values = theirs["values"]
        event = theirs["event"] if "event" in theirs else theirs["events"][0]
        return ours["event"] == event and all(close(ours["values"][name], values[name]) for name in values)
    return all(close(ours[name], theirs[name]) for name in theirs)


def assert_same_triggers(ours: list[tuple[int, Any]], theirs: list[tuple[int, Any]]) -> None:
    assert [time for time, _ in ours] == [time for time, _ in theirs]
    for (time, one), (_, other) in zip(ours, theirs, strict=True):
        assert one.keys() == other.keys(), time
        for place in one:
            assert same_fact(one[place], other[place]), (time, place, one[place], other[place])


def case(seed: int, kinds: str = "fftmi") -> tuple[SlowMarket, list[dict[str, Any]], str, int, int]:
    """A random market, pool and range; its ends lie anywhere."""
    rng = random.Random(seed)
    conditions = [random_condition(rng, kinds) for _ in range(rng.choice([1, 1, 2, 3]))]
    start = START + rng.choice([0, 1, 14_999, rng.randrange(1_800_000)])
    end = start + rng.choice([0, 15_000, rng.randrange(3_600_000), 5_400_000])
    return random_market(seed), conditions, rng.choice(["OR", "AND", "or", "And"]), start, end
