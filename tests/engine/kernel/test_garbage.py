"""The garbage collector is put back as it was, and one that looks rarely anyway is left alone."""

import gc

import pytest
from simpy import Environment

from engine.kernel import rarely_collecting
from tests.support.runs import START, Script, config, klines, market, wired


@pytest.fixture
def threshold():
    before = gc.get_threshold()
    yield gc.set_threshold
    gc.set_threshold(*before)


@pytest.mark.parametrize(("before", "meanwhile"), [(700, 50_000), (90_000, 90_000), (0, 0)])
def test_it_looks_rarely_and_then_as_before(threshold, before, meanwhile):
    threshold(before, 7, 9)
    seen = []

    def fail():
        seen.append(gc.get_threshold())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), rarely_collecting():
        fail()
    assert seen == [(meanwhile, 7, 9)]
    assert gc.get_threshold() == (before, 7, 9)


def test_a_run_of_ones_own_looks_rarely_and_one_in_a_hosts_environment_as_the_host_has_it(threshold):
    threshold(700, 10, 10)
    seen = []

    def look(_):
        seen.append(gc.get_threshold()[0])

    settings = config(Script({}), 2)
    wired(market(X=klines(*[100.0] * 3)), settings).run(look)
    host = wired(market(X=klines(*[100.0] * 3)), settings, env=Environment(START))
    host.run(look)
    assert sorted(set(seen)) == [700, 50_000]
    assert gc.get_threshold()[0] == 700
