"""Triggers that are known before a run stand in order, and each is made when it is published."""

from engine import TriggerEvent
from processes.trigger_series import SymbolSeries, TriggerSeries, in_order

SYMBOLS = ("X", "Y")


def series(made, **times):
    def part(symbol, instants):
        def make(place):
            made.append((symbol, instants[place]))
            return TriggerEvent(instants[place], "signal", symbol)

        return SymbolSeries(symbol, instants, make)

    return TriggerSeries([part(symbol, instants) for symbol, instants in times.items()])


def test_nothing_is_made_before_it_is_looked_at():
    made = []
    found = series(made, Y=[1, 5], X=[3])
    streams = in_order(found, 2, SYMBOLS)
    assert (len(found), made) == (3, [])
    assert [next(stream)[:3] for stream in streams] == [(1, 2, 1), (3, 2, 0)]
    assert made == [("Y", 1), ("X", 3)]


def test_a_series_is_a_sequence_of_one_symbol_after_another():
    found = series([], Y=[1, 5], X=[3])
    assert [(each.symbol, each.timestamp) for each in found] == [("Y", 1), ("Y", 5), ("X", 3)]
    assert found[-1] == found[1:][-1] == TriggerEvent(3, "signal", "X")


def test_triggers_in_any_order_are_published_by_time_and_symbol():
    given = [TriggerEvent(time, "signal", symbol) for time, symbol in ((5, "Y"), (5, "X"), (2, "Y"))]
    (stream,) = in_order(given, 0, SYMBOLS)
    assert [entry[3] for entry in stream] == [given[2], given[1], given[0]]
