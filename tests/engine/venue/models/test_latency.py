"""Latency: constant, by the hour, and lognormal."""

import numpy as np
import pytest

from engine.venue.models import ConstantLatency, LognormalLatency, TimeOfDayLatency
from tests.support.runs import HOUR, MINUTE, START


def test_latencies():
    assert ConstantLatency(7).delay_ms(START) == 7
    assert TimeOfDayLatency(tuple(range(24))).delay_ms(START + 5 * HOUR + 1) == 5
    model = LognormalLatency(200, 0.5, seed=3)
    delays = [model.delay_ms(START + k * MINUTE) for k in range(2_000)]
    assert delays == [LognormalLatency(200, 0.5, 3).delay_ms(START + k * MINUTE) for k in range(2_000)]
    assert np.median(delays) == pytest.approx(200, rel=0.05)
    assert np.std(np.log(delays)) == pytest.approx(0.5, rel=0.05)
    assert LognormalLatency(0).delay_ms(START) == 0
