"""Scripted runs on small markets of one symbol, told by their fills."""

import pytest

from tests.support.runs import MINUTE, START, klines, market, run_script

# Minute by minute: open, high, low, close. A price known at minute k is the close of row k - 1.
RISING = market(
    X=klines(
        (100, 101, 99, 100),
        (101, 104, 98, 102),
        (103, 106, 103, 105),
        (106, 111, 104, 110),
        (110, 120, 100, 115),
        116.0,
    )
)


def fills_of(decisions, minutes=6, history=RISING, **fields):
    """Run a script and return its fills as (minute, side, size, price, fee, purpose), and the result."""
    _, sim, result = run_script(history, decisions, minutes, **fields)
    fills = [
        ((fill.timestamp - START) / MINUTE, fill.side, fill.size, fill.price, fill.fee, fill.purpose)
        for fill in sim.exchange.fills
    ]
    return fills, result


def outline(fills):
    return [(minute, side, price) for minute, side, _, price, _, _ in fills]


HOLE = market(X=klines(100.0, *[None] * 15, 120.0, 120.0))


def fills_of_order(*rows, minutes=8, order=None, **fields):
    history = market(X=klines(100.0, 100.0, *rows))
    _, sim, result = run_script(history, {1: order}, minutes, **fields)
    done = [((f.timestamp - START) / MINUTE, pytest.approx(f.price), f.purpose) for f in sim.exchange.fills[1:]]
    return done, result
