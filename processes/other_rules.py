"""What the rules for ambiguous klines make of the net PnL: further runs by those that a run does not take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine import BacktestConfig, BacktestResult, PerpsimError
from engine.config import SETTINGS
from engine.result import PnlRange

from .fresh_program import unused

#: Runs a configuration.
RunByRule = Callable[[BacktestConfig], BacktestResult]

STOPPED, NOT_WHOLE = "stopped", "the run is not whole"


class OtherRules:
    """The further runs of a configuration, one for each rule for ambiguous klines that it does not take.

    Made before the run itself: a program that is given as an object would remember that run. Raises
    `ConfigurationError` for an object that cannot be copied. Of None there are none.
    """

    def __init__(self, config: BacktestConfig | None) -> None:
        self._config = None if config is None else replace(config, strategy=unused(config.strategy))

    def told_in(self, result: BacktestResult, run: RunByRule) -> BacktestResult:
        """Return a result with the range of its net PnL, for which `run` makes the further runs; the same result where
        no kline was ambiguous: nothing is run then. Ctrl-C stops the further runs, and the range has no value.
        """
        config = self._config
        if config is None or not result.ambiguous_klines:
            return result
        if result.error is not None or result.interrupted:
            return PnlRange.unknown(result, NOT_WHOLE)
        try:
            found = _others(config, run)
        except KeyboardInterrupt:
            return PnlRange.unknown(result, STOPPED)
        except PerpsimError as error:
            return PnlRange.unknown(result, str(error))
        if isinstance(found, str):
            return PnlRange.unknown(result, found)
        return PnlRange.of({config.intrabar: result.total_pnl, **found}).told_in(result)


def _others(config: BacktestConfig, run: RunByRule) -> dict[str, float] | str:
    """Return the net PnL by each rule but that of a configuration, or why there is none."""
    found: dict[str, float] = {}
    for rule in SETTINGS["intrabar"].choices:
        if rule != config.intrabar:
            fields: dict[str, Any] = {"intrabar": rule, "strategy": unused(config.strategy)}
            other = run(replace(config, **fields))
            if other.interrupted:
                return STOPPED
            if other.error is not None:
                return f"{rule}: {other.error}"
            found[rule] = other.total_pnl
    return found
