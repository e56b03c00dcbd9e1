"""A flat market, and the triggers that a run on it gets."""

from engine import TriggerEvent
from tests.support.runs import MINUTE, START, Script, config, klines, market, wired

FLAT = market(X=klines(*[100.0] * 60), Y=klines(*[50.0] * 60))


def times(*minutes):
    return [START + round(minute * MINUTE) for minute in minutes]


def triggers(minutes, signals=(), symbols=("X",), history=FLAT, **fields):
    """Run a strategy that holds and return (minute, type, symbol, pool) of each trigger."""
    script = Script({})
    settings = config(script, minutes, symbols, **fields)
    sim = wired(history, settings, signals)
    heard = []
    sim.bus.listen(TriggerEvent, heard.append)
    sim.run()
    assert [each.timestamp for each in heard] == [record.trigger.timestamp for record in sim.trigger_log]
    return [((each.timestamp - START) / MINUTE, each.trigger_type, each.symbol, each.pool_name) for each in heard]


def when(found):
    return [(minute, kind) for minute, kind, *_ in found]
