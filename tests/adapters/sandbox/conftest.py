"""The sandbox of the tests of this folder."""

import pytest

from adapters import Sandbox
from tests.support.sandboxes import TIGHT


@pytest.fixture(scope="session")
def sandbox():
    with Sandbox(TIGHT) as made:
        yield made
