"""The configuration of a back-test: every field with its default, its meaning, and what may stand in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from inspect import cleandoc
from typing import Annotated, Any, Literal, get_type_hints

from .contract import EventKind
from .errors import ConfigurationError
from .faults import KINDS, checked_faults
from .instants import FIRST_MS, LAST_MS, TimeLike, instant_ms
from .periods import DAY_MS, PERIOD_MS, SECOND_MS, interval_ms
from .plain_values import pickling_problem, plain, shown
from .profiles import LEAST_PORTIONS, MOST_LEVERAGE, PROFILES
from .settings import Group, Setting, settings_of

_program, _market, _range, _triggers, _costs, _execution, _data, _venue, _models, _limits, _faults = (
    partial(Setting, group) for group in Group
)
_PERIODS = tuple(PERIOD_MS)
#: Three times as long as ten of the longest base periods.
_LONGEST_STALE_MS = 30 * DAY_MS

_LIVE = ", ".join(f"{name} {value}" for name, value in PROFILES["live"].items())

#: What sends classes and functions by value, where it is loaded: joblib and Dask use one of them.
_BY_VALUE = frozenset(("cloudpickle", "joblib.externals.cloudpickle", "dill"))


@dataclass(frozen=True, kw_only=True)
class BacktestConfig:
    """What is run, on what, when, and how orders are filled.

    Percent fields are in percent (0.05 is 0.05 %). Times are aware datetimes, ISO strings with an offset or Z, or
    integer epoch ms. What a profile says counts for the fields that are not given here (so not in a
    `dataclasses.replace`, which gives all). Raises `ConfigurationError` with one sentence for each field that is wrong.
    """

    # fmt: off
    code: Annotated[str | None, _program(
        "Program", "Source text of the program, which runs in a sandbox", none="see strategy", kind="program")] = None
    strategy: Annotated[Any | None, _program(
        "Strategy", "A class or an object in place of code; in a TOML file the name of the program's file",
        none="see code", kind="object")] = None
    profile: Annotated[Literal["live"] | None, _program(
        "Profile", "What the fields hold that are not given",
        (f"what the live platform does: {_LIVE}; a decision to open asks for at least {LEAST_PORTIONS['live']} of the "
         "balance",), none="their defaults")] = None
    params: Annotated[Mapping[str, Any], _program(
        "Parameters", "What init(self, params) of the program gets", kind="table")] = field(default_factory=dict)
    signal_pool_ids: Annotated[Sequence[int], _triggers(
        "Signal pools", "Ids of the stored pools that wake the program", kind="pools")] = ()
    symbols: Annotated[Sequence[str], _market(
        "Symbols", "What is traded; at one instant the first of them comes first", kind="symbol list")] = ()
    start_time: Annotated[TimeLike, _range("Start", "The first instant; klines before it are warm-up", kind="time")]
    end_time: Annotated[TimeLike, _range(
        "End", "The last instant; what is due then still happens. Beyond the data the run ends with them", kind="time")]
    scheduled_interval: Annotated[str | int | None, _triggers(
        "Every", "How often a scheduled trigger wakes the program: a period or whole seconds",
        none="no schedule", choices=_PERIODS, kind="interval")] = None
    initial_balance: Annotated[float, _costs(
        "Initial balance", "What the account starts with", unit="USD", at_least=0.01, at_most=1e12)] = 10_000.0
    slippage_percent: Annotated[float, _costs(
        "Slippage", "Market orders buy so much dearer and sell so much cheaper",
        unit="%", at_least=0.0, at_most=50.0)] = 0.05
    fee_rate: Annotated[float, _costs(
        "Fee", "Of the notional of every fill", unit="%", at_least=0.0, at_most=10.0)] = 0.035
    execution_price: Annotated[Literal["close", "open", "vwap"], _execution(
        "Market orders fill at", "The price that a market order gets, before slippage",
        ("the price at the decision", "the open of the next kline", "the mean price of the next kline, at its close"))
    ] = "close"
    exchange: Annotated[str, _market(
        "Exchange", "Whose stored market data is used", kind="exchange name")] = "hyperliquid"
    schedule_mode: Annotated[Literal["grid", "after_trigger"], _triggers(
        "Schedule", "Scheduled triggers are due at fixed times, or when nothing has triggered for an interval",
        ("start + 1, 2, 3, ... intervals, whatever else triggers", "an interval after the last trigger of any kind"))
    ] = "grid"
    wake_on: Annotated[Sequence[str], _triggers(
        "Woken by", "What happens to the account that wakes the program too, but for what its decision at that instant "
        "causes: fill, rejection, cancel, liquidation, funding",
        choices=tuple(kind.value for kind in EventKind), kind="several")] = ()
    maker_fee_rate: Annotated[float | None, _costs(
        "Maker fee", "The fee of resting fills", unit="%", none="fee_rate", at_least=-1.0, at_most=10.0)] = None
    mark_stale_ms: Annotated[int, _data(
        "Mark price may be old", "An older mark price is not used",
        unit="ms", at_least=0, at_most=_LONGEST_STALE_MS)] = 60_000
    price_stale_ms: Annotated[int | None, _data(
        "Last close may be old", "Where it is older, decisions are rejected",
        unit="ms", none="10 base periods", at_least=0, at_most=_LONGEST_STALE_MS)] = None
    intrabar: Annotated[Literal["pessimistic", "optimistic", "nearest_open"], _execution(
        "TP and SL in one kline", "Which of the two fills when one kline touches both",
        ("the stop-loss", "the take-profit", "the one nearer to the kline's open"))] = "pessimistic"
    drill_down: Annotated[bool, _execution(
        "TP and SL in one kline: look inside", "Such a kline is decided on the finer rows that are recorded of it, "
        "15-second rows or shorter klines, where these tell which was touched first; else by intrabar")] = False
    watch_period: Annotated[Literal["1m", "15s"], _execution(
        "TP and SL are watched on", "Whose highs and lows touch them",
        ("klines of the base period", "15-second rows"))] = "1m"
    trigger_price: Annotated[Literal["last", "mark"] | None, _execution(
        "TP and SL watch", "Which price touches them, and trails; the first one if a leg is a limit order",
        ("the last traded price", "the mark price where it is recorded"), none="the venue's, else last")] = None
    bracket_execution: Annotated[Literal["market", "limit", "as_decided"], _execution(
        "TP and SL fill as", "What a touched take-profit or stop-loss becomes",
        ("a market order at the trigger price: slippage and fee", "a limit order at the trigger price: maker fee",
         "what the decision says in tp_execution and sl_execution"))] = "market"
    fill_on: Annotated[Literal["through", "touch"], _execution(
        "Limit orders fill when", "What a kline must do to a resting order",
        ("it trades beyond the limit", "it reaches the limit"))] = "through"
    warm_up: Annotated[Literal["hold", "trade"], _execution(
        "Too short indicators", "What becomes of a decision to open while an indicator that the program asked for at "
        "that trigger has fewer finished klines than its length, so that its values are fillers",
        ("it is held back and counted; an opposite one closes what there is", "it is submitted"))] = "hold"
    on_strategy_error: Annotated[Literal["stop", "hold"], _program(
        "When the program raises", "What an exception in it does",
        ("the run ends with that error", "it is counted, and the run goes on"))] = "stop"
    language: Annotated[Literal["python", "platform"], _program(
        "Language", "What source text may be written in; a served page and its API begin with platform",
        ("any Python; the standard library, numpy, pandas and talib can be imported",
         "what the live platform takes"))] = "python"
    strategy_lifetime: Annotated[Literal["run", "trigger"], _program(
        "One object lives for", "How long the program keeps what it has in self",
        ("the whole run", "one trigger: each gets a new object"))] = "run"
    base_period: Annotated[str, _data(
        "Base period", "Which stored klines stand for minutes", choices=_PERIODS, kind="choice")] = "1m"
    order_latency_ms: Annotated[int, _models(
        "Latency", "From a decision to its arrival at the exchange", unit="ms", at_least=0, at_most=DAY_MS)] = 0
    strict_data: Annotated[bool, _data(
        "Strict data", "Holes in the data, and too little of it before the start, are errors")] = False
    liquidation: Annotated[bool, _venue(
        "Liquidation", "Positions are closed when account value falls to the maintenance margin")] = True
    funding: Annotated[bool, _venue("Funding", "Recorded funding rates are paid and received")] = True
    funding_interval: Annotated[Literal["1h", "2h", "4h", "8h"] | None, _venue(
        "Funding every", "How often rates count that are recorded more often", none="the venue's, else 1h")] = None
    margin_mode: Annotated[Literal["cross", "isolated"], _venue(
        "Margin", "What stands for a position", ("the whole account", "its own margin and funding"))] = "cross"
    max_leverage: Annotated[int, _venue(
        "Most leverage", "Decisions to open with more are rejected; what a program sees as max_leverage. Margin tiers "
        "and the venue's own limits stay as they are", at_least=1, at_most=MOST_LEVERAGE)] = MOST_LEVERAGE
    venue: Annotated[Literal["hyperliquid", "binance_um"] | None, _venue(
        "Venue", "Whose rule book holds: fees, steps of price and size, least notional, leverage and margin tiers",
        ("Hyperliquid", "Binance USD-M futures"), none="no rule book")] = None
    fee_model: Annotated[Literal["flat", "maker_taker", "tiers"] | None, _venue(
        "Fees", "What a fill pays",
        ("fee_rate", "fee_rate, or maker_fee_rate for resting fills", "the venue's fees, by 14-day volume"),
        none="tiers with a venue, else maker_taker")] = None
    slippage_model: Annotated[Literal["percent", "volume_share", "spread"], _models(
        "Slippage model", "How far from the price a market order fills",
        ("slippage_percent", "slippage_percent + slippage_impact_percent x sqrt(size / coins of the last hour)",
         "half the recorded spread; slippage_percent where none is recorded"))] = "percent"
    slippage_impact_percent: Annotated[float, _models(
        "Impact", "Slippage of an order as large as the last hour's volume",
        unit="%", at_least=0.0, at_most=50.0)] = 0.0
    latency_model: Annotated[Literal["constant", "lognormal", "time_of_day"], _models(
        "Latency model", "How long an order is under way",
        ("order_latency_ms", "lognormal, with order_latency_ms as its median",
         "latency_by_hour_ms, by the hour of the UTC day"))] = "constant"
    latency_sigma: Annotated[float, _models(
        "Latency sigma", "Standard deviation of the logarithm of a lognormal latency",
        at_least=0.0, at_most=5.0)] = 0.5
    latency_seed: Annotated[int, _models("Latency seed", "Where lognormal latencies are drawn from", at_least=0)] = 0
    latency_by_hour_ms: Annotated[Sequence[int], _models(
        "Latency by hour", "24 latencies, from 00:00 UTC on",
        unit="ms", at_least=0, at_most=DAY_MS, kind="hours")] = ()
    volume_cap_percent: Annotated[float | None, _models(
        "Volume cap", "The most of a kline's volume that all fills until the next closes take",
        unit="%", none="no cap", above=0.0, at_most=100.0)] = None
    max_position_usd: Annotated[float | None, _limits(
        "Largest position", "Nothing is opened beyond this notional of a symbol",
        unit="USD", none="no limit", above=0.0, at_most=1e12)] = None
    max_daily_loss_usd: Annotated[float | None, _limits(
        "Largest daily loss", "Nothing is opened while equity is so far below that of 00:00 UTC",
        unit="USD", none="no limit", above=0.0, at_most=1e12)] = None
    max_open_orders: Annotated[int | None, _limits(
        "Most open orders", "Nothing is opened while there are so many",
        none="no limit", at_least=1, at_most=1_000_000)] = None
    stop_cooldown_seconds: Annotated[int | None, _limits(
        "Pause after a stop", "Nothing is opened for so long after a stop",
        unit="s", none="no pause", at_least=1, at_most=366 * DAY_MS // SECOND_MS)] = None
    faults: Annotated[Sequence[Any], _faults(
        "Faults", f"What goes wrong in the run, each a table with its kind ({', '.join(KINDS)}) and when it happens",
        kind="faults")] = ()
    # fmt: on

    _given = frozenset[str]()  # no field: without an annotation

    def __new__(cls, **given: Any) -> BacktestConfig:
        """Keep which fields are given: what `__init__` gets does not tell them from defaults."""
        config = super().__new__(cls)
        object.__setattr__(config, "_given", frozenset(given))
        return config

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name, value in of_profile(self.profile).items():
            if not self.gives(name):
                put(self, name, value)
        problems = _problems(self)
        if problems:
            raise ConfigurationError(problems)
        for name in _SEQUENCES:
            put(self, name, tuple(getattr(self, name)))
        for name in _NUMBERS:  # one run, one digest: 10000 is 10000.0
            value = getattr(self, name)
            put(self, name, None if value is None else float(value))
        put(self, "faults", checked_faults(self.faults))
        put(self, "params", dict(self.params))
        put(self, "exchange", self.exchange.lower())
        if self.price_stale_ms is None:
            put(self, "price_stale_ms", 10 * PERIOD_MS[self.base_period])

    def __getstate__(self) -> dict[str, Any]:
        # said here, and not where it is read; what sends classes by value needs no name of them
        if not _BY_VALUE.intersection(sys.modules):
            problems = [
                f"{name}: {shown(getattr(self, name))} cannot go to another process: {why}; define it at the top of a "
                "module that both can import, give source text as code, or import cloudpickle and send it with that"
                for name in ("strategy", "params", "faults")
                if (why := pickling_problem(getattr(self, name))) is not None
            ]
            if problems:
                raise ConfigurationError(problems)
        return vars(self)

    def __copy__(self) -> BacktestConfig:
        return self  # it does not change

    def __deepcopy__(self, memo: dict[int, Any]) -> BacktestConfig:
        copied = BacktestConfig.__new__(BacktestConfig)
        vars(copied).update(deepcopy(vars(self), memo))
        return copied

    def gives(self, name: str) -> bool:
        """Tell whether a field was given, be it the same as its default."""
        return name in self._given

    @property
    def least_portion(self) -> float:
        """The least share of the available balance that a decision to open may ask for; 0.0: any above it."""
        return LEAST_PORTIONS.get(self.profile, 0.0)

    @property
    def start_ms(self) -> int:
        """Start of the run in epoch ms."""
        return instant_ms(self.start_time)

    @property
    def end_ms(self) -> int:
        """End of the run in epoch ms; what is due exactly then is still processed."""
        return instant_ms(self.end_time)

    @property
    def interval_ms(self) -> int | None:
        """The scheduled interval in ms, or None."""
        return None if self.scheduled_interval is None else interval_ms(self.scheduled_interval)

    @property
    def maker_percent(self) -> float:
        """The fee of resting fills, percent per side."""
        return self.fee_rate if self.maker_fee_rate is None else self.maker_fee_rate

    @property
    def stale_ms(self) -> int:
        """How old the last close may be to trade at it."""
        assert self.price_stale_ms is not None
        return self.price_stale_ms

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> BacktestConfig:
        """Make a configuration from plain values; unknown names are problems like any other."""
        problems = [f"{name}: {no_such_field(str(name))}" for name in values if name not in SETTINGS]
        known = {name: value for name, value in values.items() if name in SETTINGS}
        for name, stand_in in (("start_time", FIRST_MS), ("end_time", LAST_MS)):
            if name not in known:
                problems.append(f"{name}: is required")
                known[name] = stand_in
        try:
            config = cls(**known)
        except ConfigurationError as error:
            raise ConfigurationError((*problems, *error.problems)) from None
        if problems:
            raise ConfigurationError(problems)
        return config

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as plain JSON: times in epoch ms, a strategy class or object by its name."""
        entry = {name: getattr(self, name) for name in SETTINGS}
        entry.update(start_time=self.start_ms, end_time=self.end_ms, params=plain(self.params))
        entry.update({name: list(entry[name]) for name in _SEQUENCES})
        entry["faults"] = [fault.to_dict() for fault in self.faults]
        if self.strategy is not None:
            kind = self.strategy if isinstance(self.strategy, type) else type(self.strategy)
            entry["strategy"] = kind.__qualname__
        return entry


#: Every field by name, in the order of the class.
SETTINGS: Mapping[str, Setting] = settings_of(BacktestConfig)

_SEQUENCES = tuple(name for name, setting in SETTINGS.items() if isinstance(setting.default, list))
#: Fields that hold a number, which need not be whole.
_NUMBERS = tuple(name for name, setting in SETTINGS.items() if setting.kind == "number")


def of_profile(profile: object) -> Mapping[str, Any]:
    """Return what a profile says of fields that are not given: nothing, where there is no such profile."""
    return PROFILES.get(profile, {}) if isinstance(profile, str) else {}


def grouped_settings() -> dict[Group, list[Setting]]:
    """Return the settings of each group."""
    return {group: [each for each in SETTINGS.values() if each.group is group] for group in Group}


def no_such_field(name: str) -> str:
    """Return what is wrong with a name that no field has, with the name that may have been meant."""
    near = get_close_matches(name, SETTINGS, 1, 0.7)
    return "there is no such field" + (f"; did you mean {near[0]}?" if near else "")


def _problems(config: BacktestConfig) -> list[str]:
    problems: list[str] = []
    for name, setting in SETTINGS.items():
        try:
            setting.check(getattr(config, name))
        except ValueError as error:
            problems.extend(f"{name}: {each}" for each in getattr(error, "problems", (error,)))
    problems.extend(_problems_together(config, {line.partition(":")[0] for line in problems}))
    return problems


def _problems_together(config: BacktestConfig, wrong: set[str]) -> list[str]:
    problems = []
    if not wrong & {"start_time", "end_time"} and config.start_ms >= config.end_ms:
        problems.append("end_time: is not after start_time")
    if (config.code is None) == (config.strategy is None):
        problems.append("strategy: give either code (source text) or strategy (a class or an object), and only one")
    if config.latency_model == "time_of_day" and not config.latency_by_hour_ms:
        problems.append("latency_by_hour_ms: latency_model time_of_day needs 24 values, one for each hour")
    if config.fee_model == "tiers" and config.venue is None:
        problems.append("fee_model: tiers come from a venue's rule book, so venue must be given")
    if not wrong & {"faults", "symbols"}:
        problems.extend(f"faults: {each}" for each in _fault_problems(config))
    return problems


def _fault_problems(config: BacktestConfig) -> Iterator[str]:
    """Yield what is wrong with faults in this configuration."""
    known = frozenset(config.symbols)
    for number, each in enumerate(checked_faults(config.faults), 1):
        for symbol in each.given.get("symbols") or ():
            if symbol not in known:
                yield f"number {number}, {each.kind}: symbols: {symbol} is not one of the symbols of the run"


def _fields_text() -> str:
    parts = []
    for group, settings in grouped_settings().items():
        parts += [f"{group.title}\n{'-' * len(group.title)}", *(each.text() for each in settings), ""]
    return "\n".join(parts)


# what help(BacktestConfig) shows: the fields by group, and types without their settings
BacktestConfig.__doc__ = f"{cleandoc(BacktestConfig.__doc__ or '')}\n\n{_fields_text()}"
BacktestConfig.__annotations__ = get_type_hints(BacktestConfig)
BacktestConfig.__init__.__annotations__.update(BacktestConfig.__annotations__)
