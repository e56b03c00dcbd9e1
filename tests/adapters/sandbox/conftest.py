"""The sandboxes of the tests of this folder."""

import pytest

from adapters import Sandbox
from engine.market.indicators import ta_lib
from tests.support.attacks import LIMITS
from tests.support.sandboxes import NO_JAIL, TIGHT


@pytest.fixture(scope="session")
def sandbox():
    with Sandbox(TIGHT) as made:
        yield made


@pytest.fixture(scope="session")
def attacked():
    """The sandbox in which hostile programs run, one after another."""
    if NO_JAIL is not None:
        pytest.skip(NO_JAIL)
    ta_lib()  # takes this process its time, which is no attack's
    with Sandbox(LIMITS) as made:
        yield made
