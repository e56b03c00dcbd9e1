"""Which workers of a cluster can be used."""

from __future__ import annotations

import pytest

from adapters.workers.cluster_crew import difference

HERE = {"python": "3.11.7", "numpy": "2.4.6", "perpsim": "0.1.0", "code": "aa"}


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ({}, None),
        ({"python": "3.11.9", "numpy": "2.4.0"}, None),
        ({"python": "3.12.7"}, "runs Python 3.12.7, here is 3.11.7: both must be of one minor version"),
        ({"numpy": "2.3.6"}, "runs numpy 2.3.6, here is 2.4.6: both must be of one minor version"),
        ({"numpy": ""}, "runs numpy of no version, here is 2.4.6: both must be of one minor version"),
        ({"perpsim": "0.2.0", "code": "bb"}, "runs perpsim 0.2.0 (code bb), here is 0.1.0 (code aa)"),
        ({"code": "bb"}, "runs perpsim 0.1.0 (code bb), here is 0.1.0 (code aa)"),
        ({"perpsim": "", "code": "", "python": "3.9.1"}, "has no perpsim; here is 0.1.0"),
    ],
)
def test_a_worker_differs_in_what_could_change_a_result(there, expected):
    found = difference(HERE, {**HERE, **there})
    assert found is expected is None or found.startswith(expected)
