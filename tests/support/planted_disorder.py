"""Programs, sources and processes whose runs depend on where and in which order they are made."""

from __future__ import annotations

import os
import threading
import time
from typing import Any

from engine import Decision, Phase, TriggerEvent
from processes import TriggerTimes
from tests.support.noise_runs import DAYS, HOUR, START, noise_job

TIMES = [START + n * 3 * HOUR + HOUR // 2 for n in range(1, DAYS * 8)]


def turned(data: Any, is_up: bool, symbol: str = "BTC") -> Any:
    """What a program decides that wants to be long while something is up, and out else."""
    if symbol in data.positions:
        return None if is_up else Decision("close", symbol)
    return Decision("buy", symbol, target_portion_of_balance=0.3, leverage=1) if is_up else None


class ByHash:
    """Decides by the order in which sets have their names: of another two at each trigger."""

    def should_trade(self, data):
        first = next(iter({f"one at {data.timestamp}", f"two at {data.timestamp}"}))
        return turned(data, first.startswith("one"))


class BySeed:
    """Decides by the order of one set that only one seed in many has."""

    seed = "16180"

    def should_trade(self, data):
        return turned(data, data.timestamp // HOUR % 2 == (os.environ.get("PYTHONHASHSEED") == self.seed))


class ByZone:
    """Fires in the morning, as the machine's clock has it."""

    name = "mornings"

    def triggers(self, market, symbols, start_ms, end_ms):
        times = [each for each in TIMES if time.localtime(each / 1_000).tm_hour < 12]
        return TriggerTimes("BTC", times).triggers(market, symbols, start_ms, end_ms)


class ByProcess:
    """Decides by the number of its process."""

    def __init__(self) -> None:
        self.made_in = os.getpid()

    def should_trade(self, data):
        return turned(data, self.made_in == PARENT)


PARENT = int(os.environ.setdefault("PERPSIM_TEST_PARENT", str(os.getpid())))


class FirstCome:
    """Has room for one position, and gives it to what comes first."""

    def should_trade(self, data):
        if data.trigger_symbol in data.positions:
            return Decision("close", data.trigger_symbol)
        if data.positions:
            return None
        return Decision("buy", data.trigger_symbol, target_portion_of_balance=0.5, leverage=1)


class Both:
    """Has room for each symbol by itself."""

    def should_trade(self, data):
        return turned(data, data.trigger_symbol not in data.positions, data.trigger_symbol)


class Locked(TriggerTimes):
    """A source that cannot leave its process."""

    def __init__(self) -> None:
        super().__init__("BTC", TIMES)
        self.lock = threading.Lock()


def both_sources():
    """Two sources that always fire together."""
    return (TriggerTimes("BTC", TIMES, "one"), TriggerTimes("ETH", TIMES, "two"))


def first_symbol(sim):
    """Wake the program for whichever symbol is configured first."""
    for time_ms in TIMES:
        yield sim.at(time_ms, Phase.SIGNALS)
        sim.bus.publish(TriggerEvent(sim.now, "signal", sim.config.symbols[0], pool_name="first"))


def prepare_first_symbol(sim: Any) -> None:
    """Add the process that wakes for the first symbol."""
    sim.process(first_symbol)


def prepare_first_started(sim: Any) -> None:
    """Add two processes, of which the one that is started first wakes the program for its symbol."""
    chosen: list[str] = []

    def racer(sim: Any, symbol: str) -> Any:
        chosen.append(symbol)
        for time_ms in TIMES if chosen[0] == symbol else ():
            yield sim.at(time_ms, Phase.SIGNALS)
            sim.bus.publish(TriggerEvent(sim.now, "signal", symbol, pool_name="race"))

    sim.process_named("race of BTC", racer, "BTC")
    sim.process_named("race of ETH", racer, "ETH")


def job(program: Any, signals: Any = (), prepare: Any = None, **fields: Any) -> Any:
    """The job of a program on the market of `noise_runs`."""
    made = noise_job(program, **fields)
    ground = made.grounds[""]._replace(signals=tuple(signals))
    return type(made)(made.config, {"": ground}, prepare=prepare)


def prepare_on_note(sim: Any) -> None:
    """Add a process where somebody has left a note on the market in memory."""
    if getattr(sim.market, "note", None):
        sim.process(first_symbol)


def counting(sim):
    """Wake the program as often as there are processes."""
    for time_ms in TIMES[:: len(sim.processes)]:
        yield sim.at(time_ms, Phase.SIGNALS)
        sim.bus.publish(TriggerEvent(sim.now, "signal", "BTC", pool_name="counting"))


def prepare_counting(sim: Any) -> None:
    """Add the process that counts its neighbours."""
    sim.process(counting)
