"""Which workers a user gets."""

from __future__ import annotations

import sys

import pytest

from adapters.workers import ProcessWorkers, ThisProcess, open_workers, usable_cores
from engine import ConfigurationError


@pytest.mark.parametrize("number", [0, 1])
def test_one_worker_is_this_process(number):
    with open_workers(number) as workers:
        assert type(workers) is ThisProcess


def test_without_a_number_there_is_one_for_each_processor():
    with open_workers() as workers:
        assert workers.size == usable_cores()
    with open_workers(3) as workers:
        assert (type(workers), workers.size) == (ProcessWorkers, 3)


@pytest.mark.parametrize("number", [-1, 2.0, "2", True])
def test_what_is_no_number_is_refused(number):
    with pytest.raises(ConfigurationError, match=r"workers: .* is no number of processes; 1 runs all in this process"):
        open_workers(number)


def test_a_cluster_without_dask_names_what_to_install(monkeypatch):
    for name in ("distributed", "dask"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigurationError, match=r"pip install 'perpsim\[cluster\]'"):
        open_workers(cluster="tcp://127.0.0.1:1")
