"""The workers that a user asks for."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from engine import ConfigurationError

from .process_workers import ProcessWorkers
from .processor_count import usable_cores
from .this_process import ThisProcess
from .worker_interface import Workers


def open_workers(workers: int | None = None, cluster: str | None = None) -> Workers:
    """Return `workers` processes of this machine (None: one for each processor that may be used), or, with the address
    of a scheduler, the workers of that `cluster`, at most so many; a context.

    0 and 1 are this process: there debuggers work, and whatever a notebook defines can be run. Raises
    `ConfigurationError` for what is no number of workers.
    """
    if workers is not None and (type(workers) is not int or workers < 0):
        raise ConfigurationError([f"workers: {workers!r} is no number of processes; 1 runs all in this process"])
    if cluster is not None:
        return _on_cluster(cluster, workers)
    size = usable_cores() if workers is None else workers
    return ProcessWorkers(size) if size > 1 else ThisProcess()


def _on_cluster(cluster: str, workers: int | None) -> Workers:
    if find_spec("distributed") is None:
        raise ConfigurationError(["cluster: it needs dask distributed: pip install 'perpsim[cluster]'"])
    found: Workers = import_module(".cluster_workers", __package__).ClusterWorkers(cluster, workers)
    return found
