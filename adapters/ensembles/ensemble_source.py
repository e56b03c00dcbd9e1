"""What an ensemble is made of: a stored result, as its trades or as the run that it came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from engine import BacktestConfig, BacktestResult, ConfigurationError, DataError

from ..database import Database
from ..results import StoredResult, read_result
from ..trials import TrialOutcome

#: Figures that differ where runs do.
_TELLING = ("final_equity", "total_trades", "fills")
_GIVE_PROGRAM = (
    "give a CONFIG.toml that names the program's file, or in Python the data and the class: "
    "perpsim.monte_carlo(data, strategy, ...)"
)


class ClosedTrades(NamedTuple):
    """The net results of closed trades in USD, in the order of their exits, the balance before the first, and the
    configuration of their run as plain values.
    """

    net_pnl: list[float]
    initial_balance: float
    configuration: Mapping[str, Any]


def stored_trades_of(database: Database, run_id: int) -> ClosedTrades:
    """Return the closed trades of a stored result. Raises `DataError` where there is no such result, or no trade."""
    found = read_result(database, run_id)
    _require_figures(database, found)
    if not found.has_trades:
        raise DataError(f"{database.name}: of result {run_id} no trades are stored, as of no run of the platform")
    return ClosedTrades([each["pnl"] for each in found.trades], found.figures["initial_balance"], found.config)


def trades_of_result(result: BacktestResult) -> ClosedTrades:
    """Return the closed trades of a result. Raises `DataError` where they are not kept."""
    if result.total_trades and not result.trades:
        raise DataError("of this result no trades are stored, as of no run of the platform")
    return ClosedTrades([each.pnl for each in result.trades], result.initial_balance, result.config)


def trades_of_outcome(outcome: TrialOutcome, config: BacktestConfig) -> ClosedTrades:
    """Return the closed trades of a run that kept them. Raises `DataError` where it failed."""
    if outcome.error is not None:
        raise DataError(f"the run fails: {outcome.error}")
    return ClosedTrades(outcome.trade_pnl.tolist(), outcome.figures["initial_balance"], config.to_dict())


def stored_config_of(database: Database, run_id: int, way_out: str = _GIVE_PROGRAM) -> BacktestConfig:
    """Return the configuration that a stored result came from, to be run again. Raises `DataError` where there is no
    such result, and `ConfigurationError` where its program is not stored (with a `way_out`) or its fields cannot be
    run.
    """
    found = read_result(database, run_id)
    return config_to_run(found.config, f"result {run_id}", way_out)


def config_to_run(stored: Mapping[str, Any], what: str, way_out: str = _GIVE_PROGRAM) -> BacktestConfig:
    """Return a configuration from what a result keeps of it; `ConfigurationError` for a program without source text,
    with the `way_out` of it.
    """
    if stored.get("code") is None:
        name = stored.get("strategy")
        program = f"the class {name}, of which no source text is kept" if name else "a program that is not kept"
        raise ConfigurationError([f"{what} is of {program}: {way_out}"])
    return BacktestConfig.from_dict({name: value for name, value in stored.items() if name != "strategy"})


def unlike(figures: Mapping[str, Any], again: TrialOutcome, what: str) -> tuple[str, ...]:
    """Return what to remark where `what`, a result with these figures, is not what its run gives now."""
    name = next((each for each in _TELLING if each in figures and figures[each] != again.figures.get(each)), None)
    if name is None:
        return ()
    was, now = (f"{each:,.10g}" for each in (figures[name], again.figures[name]))
    return (f"{what} is not what its run gives now ({name} {was}, now {now}): all of this is of the run as it is now",)


def _require_figures(database: Database, found: StoredResult) -> None:
    if not found.figures:
        why = f": {found.error}" if found.error else ""
        raise DataError(f"{database.name}: result {found.run_id} has no figures, its status is {found.status}{why}")
