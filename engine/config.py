"""The configuration of a back-test: every field, its default, and what may stand in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any, Literal

from .errors import ConfigurationError
from .instants import LAST_MS, TimeLike, instant_ms
from .periods import PERIOD_MS, SECOND_MS
from .plain_values import plain


@dataclass(frozen=True, kw_only=True)
class BacktestConfig:
    """What is run, on what, when, and how orders are filled.

    Percent fields are in percent (0.05 is 0.05 %); `scheduled_interval` is a period name or whole seconds; times
    are aware datetimes, ISO strings with an offset or Z, or integer epoch ms. Raises `ConfigurationError` with one
    sentence for each field that is wrong.
    """

    code: str | None = None
    strategy: Any = None
    params: Mapping[str, Any] = field(default_factory=dict)
    signal_pool_ids: Sequence[int] = ()
    symbols: Sequence[str] = ()
    start_time: TimeLike
    end_time: TimeLike
    scheduled_interval: str | int | None = None
    initial_balance: float = 10_000.0
    slippage_percent: float = 0.05
    fee_rate: float = 0.035
    execution_price: Literal["close", "open", "vwap"] = "close"
    exchange: str = "hyperliquid"
    schedule_mode: Literal["grid", "after_trigger"] = "grid"
    maker_fee_rate: float | None = None
    mark_stale_ms: int = 60_000
    price_stale_ms: int | None = None
    intrabar: Literal["pessimistic", "optimistic", "nearest_open"] = "pessimistic"
    watch_period: Literal["1m", "15s"] = "1m"
    bracket_execution: Literal["market", "limit", "as_decided"] = "market"
    fill_on: Literal["through", "touch"] = "through"
    on_strategy_error: Literal["stop", "hold"] = "stop"
    strategy_lifetime: Literal["run", "trigger"] = "run"
    base_period: str = "1m"
    order_latency_ms: int = 0
    strict_data: bool = False
    liquidation: bool = True
    funding: bool = True
    funding_interval: str | None = None
    margin_mode: Literal["cross", "isolated"] = "cross"
    venue: Literal["hyperliquid", "binance_um"] | None = None
    fee_model: Literal["flat", "maker_taker", "tiers"] | None = None
    slippage_model: Literal["percent", "volume_share", "spread"] = "percent"
    slippage_impact_percent: float = 0.0
    latency_model: Literal["constant", "lognormal", "time_of_day"] = "constant"
    latency_sigma: float = 0.5
    latency_seed: int = 0
    latency_by_hour_ms: Sequence[int] = ()
    volume_cap_percent: float | None = None
    max_position_usd: float | None = None
    max_daily_loss_usd: float | None = None
    max_open_orders: int | None = None
    stop_cooldown_seconds: int | None = None

    def __post_init__(self) -> None:
        problems = _problems(self)
        if problems:
            raise ConfigurationError(problems)
        put = object.__setattr__
        put(self, "symbols", tuple(self.symbols))
        put(self, "signal_pool_ids", tuple(self.signal_pool_ids))
        put(self, "latency_by_hour_ms", tuple(self.latency_by_hour_ms))
        put(self, "params", dict(self.params))
        put(self, "exchange", self.exchange.lower())
        if self.price_stale_ms is None:
            put(self, "price_stale_ms", 10 * PERIOD_MS[self.base_period])

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
        return None if self.scheduled_interval is None else _interval_ms(self.scheduled_interval)

    @property
    def maker_fee(self) -> float:
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
        problems = []
        for name in values:
            if name not in FIELD_NAMES:
                near = get_close_matches(str(name), FIELD_NAMES, 1, 0.7)
                problems.append(f"{name}: there is no such field" + (f"; did you mean {near[0]}?" if near else ""))
        known = {name: value for name, value in values.items() if name in FIELD_NAMES}
        for name in ("start_time", "end_time"):
            if name not in known:
                problems.append(f"{name}: is required")
                known[name] = 0 if name == "start_time" else LAST_MS
        try:
            config = cls(**known)
        except ConfigurationError as error:
            raise ConfigurationError((*problems, *error.problems)) from None
        if problems:
            raise ConfigurationError(problems)
        return config

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as plain JSON: times in epoch ms, a strategy class or object by its name."""
        entry = {each.name: getattr(self, each.name) for each in fields(self)}
        entry.update(start_time=self.start_ms, end_time=self.end_ms, params=plain(self.params))
        for name in ("symbols", "signal_pool_ids", "latency_by_hour_ms"):
            entry[name] = list(entry[name])
        if self.strategy is not None:
            kind = self.strategy if isinstance(self.strategy, type) else type(self.strategy)
            entry["strategy"] = kind.__qualname__
        return entry


FIELD_NAMES = tuple(each.name for each in fields(BacktestConfig))


def _interval_ms(value: object) -> int:
    if isinstance(value, str) and value in PERIOD_MS:
        return PERIOD_MS[value]
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value * SECOND_MS
    raise ValueError(f"{value!r} is neither one of {', '.join(PERIOD_MS)} nor a whole number of seconds above 0")


def _problems(config: BacktestConfig) -> list[str]:
    problems: list[str] = []
    for name, check in _CHECKS.items():
        try:
            check(getattr(config, name))
        except ValueError as error:
            problems.append(f"{name}: {error}")
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
    return problems


def _number(low: float, high: float, low_allowed: bool = True) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise ValueError(f"{value!r} is no finite number")
        if value < low or value > high or (value == low and not low_allowed):
            edge = "at least" if low_allowed else "above"
            raise ValueError(
                f"{value!r} is out of range: {edge} {low:g}" + (f", at most {high:g}" * math.isfinite(high))
            )

    return check


def _whole(low: int) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"{value!r} is no whole number")
        if value < low:
            raise ValueError(f"{value!r} is below {low}")

    return check


def _optional(check: Callable[[Any], None]) -> Callable[[Any], None]:
    return lambda value: None if value is None else check(value)


def _one_of(*allowed: str) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        if value not in allowed:
            raise ValueError(f"{value!r} is not one of {', '.join(allowed)}")

    return check


def _text(value: Any) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} is no name")


def _source(value: Any) -> None:
    if not isinstance(value, str):
        raise ValueError("is no source text")


def _symbols(value: Any) -> None:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError(f'{value!r} is no list of symbols such as ["BTC", "ETH"]')
    if not value:
        raise ValueError("names no symbol")
    for symbol in value:
        _text(symbol)
    twice = sorted({symbol for symbol in value if list(value).count(symbol) > 1})
    if twice:
        raise ValueError(f"names {', '.join(twice)} twice")


def _pool_ids(value: Any) -> None:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError("is no list of pool ids")
    for pool_id in value:
        if isinstance(pool_id, bool) or not isinstance(pool_id, int):
            raise ValueError(f"{pool_id!r} is no pool id: ids are whole numbers")
    twice = sorted({pool_id for pool_id in value if list(value).count(pool_id) > 1})
    if twice:
        raise ValueError(f"names {', '.join(map(str, twice))} twice")


def _mapping(value: Any) -> None:
    if not isinstance(value, Mapping):
        raise ValueError(f"{value!r} is no table of parameters")


def _flag(value: Any) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")


def _strategy(value: Any) -> None:
    if isinstance(value, str):
        raise ValueError("is text: give a class or an object here, and source text as code")
    if not callable(getattr(value, "should_trade", None)):
        raise ValueError(f"{value!r} has no method should_trade")


def _by_hour(value: Any) -> None:
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) not in (0, 24):
        raise ValueError(f"{value!r} is no list of 24 latencies in ms, one for each hour of the UTC day")
    for each in value:
        _whole(0)(each)


_CHECKS: dict[str, Callable[[Any], None]] = {
    "code": _optional(_source),
    "strategy": _optional(_strategy),
    "params": _mapping,
    "signal_pool_ids": _pool_ids,
    "symbols": _symbols,
    "start_time": lambda value: (instant_ms(value), None)[1],
    "end_time": lambda value: (instant_ms(value), None)[1],
    "scheduled_interval": _optional(lambda value: (_interval_ms(value), None)[1]),
    "initial_balance": _number(0.0, math.inf, low_allowed=False),
    "slippage_percent": _number(0.0, 50.0),
    "fee_rate": _number(0.0, 10.0),
    "execution_price": _one_of("close", "open", "vwap"),
    "exchange": _text,
    "schedule_mode": _one_of("grid", "after_trigger"),
    "maker_fee_rate": _optional(_number(-1.0, 10.0)),
    "mark_stale_ms": _whole(0),
    "price_stale_ms": _optional(_whole(0)),
    "intrabar": _one_of("pessimistic", "optimistic", "nearest_open"),
    "watch_period": _one_of("1m", "15s"),
    "bracket_execution": _one_of("market", "limit", "as_decided"),
    "fill_on": _one_of("through", "touch"),
    "on_strategy_error": _one_of("stop", "hold"),
    "strategy_lifetime": _one_of("run", "trigger"),
    "base_period": _one_of(*PERIOD_MS),
    "order_latency_ms": _whole(0),
    "strict_data": _flag,
    "liquidation": _flag,
    "funding": _flag,
    "funding_interval": _optional(_one_of("1h", "2h", "4h", "8h")),
    "margin_mode": _one_of("cross", "isolated"),
    "venue": _optional(_one_of("hyperliquid", "binance_um")),
    "fee_model": _optional(_one_of("flat", "maker_taker", "tiers")),
    "slippage_model": _one_of("percent", "volume_share", "spread"),
    "slippage_impact_percent": _number(0.0, 50.0),
    "latency_model": _one_of("constant", "lognormal", "time_of_day"),
    "latency_sigma": _number(0.0, 5.0),
    "latency_seed": _whole(0),
    "latency_by_hour_ms": _by_hour,
    "volume_cap_percent": _optional(_number(0.0, 100.0, low_allowed=False)),
    "max_position_usd": _optional(_number(0.0, math.inf, low_allowed=False)),
    "max_daily_loss_usd": _optional(_number(0.0, math.inf, low_allowed=False)),
    "max_open_orders": _optional(_whole(1)),
    "stop_cooldown_seconds": _optional(_whole(1)),
}
