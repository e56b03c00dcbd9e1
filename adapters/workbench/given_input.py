"""What a call at a notebook is given, as a configuration and what it is run on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from engine import BacktestConfig, ConfigurationError, MarketHistory
from engine.config import SETTINGS, no_such_field
from engine.near_names import near
from processes import TriggerSource, trigger_sources

from ..database import Database
from ..trials import public_url
from .given_data import GivenFrames, given_market
from .given_program import program_fields
from .workspace import Workspace

#: What `backtest` takes beside the fields of a configuration.
_KEYWORDS = tuple("period funding flow mark features signals models rules prepare trust progress save certify".split())
#: What other back-testers call things, and where those are here.
_BALANCE, _FEES = "initial_balance has it", "fee_rate has it, in percent of the notional (0.05 is 0.05 %)"
_ELSEWHERE = {
    **dict.fromkeys(("cash", "init_cash", "starting_balance", "balance", "capital"), _BALANCE),
    **dict.fromkeys(("commission", "fees", "fee"), _FEES),
    "slippage": "slippage_percent has it, in percent",
    "leverage": "each Decision has its own",
    **dict.fromkeys(
        ("freq", "timeframe", "interval"), "frames tell it; scheduled_interval says when the program is called"
    ),
    **dict.fromkeys(("symbol", "ticker", "pair"), "symbols has it"),
}


class GivenGround(NamedTuple):
    """A configuration, its market, all sources of its signals, and what was found when these were made; `database` is
    where the market is stored as it is, None where it is not.
    """

    config: BacktestConfig
    market: MarketHistory
    signals: tuple[TriggerSource, ...]
    warnings: tuple[str, ...]
    database: Database | None = None

    @property
    def stored_in(self) -> str | None:
        """The URL of that database without a password, for workers elsewhere that reach it, too."""
        return None if self.database is None else public_url(self.database)


def given_ground(
    data: Any,
    strategy: Any,
    frames: GivenFrames,
    features: Mapping[str, Any] | None,
    signals: Sequence[TriggerSource],
    fields: Mapping[str, Any],
    keywords: Collection[str] = (),
) -> GivenGround:
    """Return what `backtest` and its like run: `fields` are those of a configuration, `keywords` what the call takes
    beside those of `backtest`. Raises `ConfigurationError` and `DataError` for what cannot be run.
    """
    found, of_frames = dict(fields), frames
    if isinstance(frames.funding, bool):
        of_frames, found["funding"] = frames._replace(funding=None), frames.funding
    refuse_unknown(found, keywords)
    sources = trigger_sources(signals)
    if sources:
        found.setdefault("scheduled_interval", None)
    source = data.database if isinstance(data, Workspace) else data
    config, market, pools, stored = given_market(source, {**program_fields(strategy), **found}, of_frames, features)
    return GivenGround(config, market, (*pools.sources, *sources), pools.warnings, stored)


def refuse_unknown(fields: Iterable[str], keywords: Collection[str]) -> None:
    """Raise `ConfigurationError` for names that are no field, with what may have been meant of all keywords."""
    problems = []
    for name in fields:
        if name in SETTINGS:
            continue
        if name in _KEYWORDS:
            problems.append(f"{name}: this call does not take it, though backtest does: leave it out")
        else:
            meant = _ELSEWHERE.get(name) or near(name, (*SETTINGS, *_KEYWORDS, *keywords))
            problems.append(f"{name}: {f'there is no such field; {meant}' if meant else no_such_field(name)}")
    if problems:
        raise ConfigurationError(problems)
