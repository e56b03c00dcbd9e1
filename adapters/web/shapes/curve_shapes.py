"""The shapes of answers for the curves of a chart: windows of them, as columns."""

from __future__ import annotations

from pydantic import BaseModel, Field

from .chart_shapes import MaybeNumbers, Numbers


class Windowed(BaseModel):
    """A window of a series: `total` instants are stored in it, `given` of them are here, every extreme among them."""

    total: int
    given: int
    timestamp: list[int] = Field(description="epoch ms")


class Resolved(Windowed):
    """A window of a series that older versions stored less finely."""

    resolution: str = Field(description="in words, how fine it is stored")
    is_whole: bool = Field(description="whether that is all there was")


class Equity(Resolved):
    """Equity, balance and drawdown in USD; the drawdown in percent of the peak, too."""

    equity: Numbers
    balance: MaybeNumbers = Field(description="null where it is not stored")
    drawdown: Numbers
    drawdown_percent: Numbers


class Hold(Resolved):
    """What buying and holding came to, in USD."""

    value: Numbers
    missing: list[str] = Field(description="which klines were not there, in sentences")


class Exposure(Resolved):
    """The worth of all positions as a multiple of equity; null where there is no equity."""

    exposure: MaybeNumbers


class RecordedSeries(Resolved):
    """A series that the program recorded."""

    value: Numbers


class AskedIndicator(BaseModel):
    """An indicator that the program asked for."""

    symbol: str
    name: str
    period: str
    among_prices: bool = Field(description="whether it is drawn among the prices")


class AskedIndicators(BaseModel):
    """All of them, as far as `looked_at` of the `triggers` tell that asked for one."""

    indicators: list[AskedIndicator]
    triggers: int
    looked_at: int


class IndicatorLines(Windowed):
    """An indicator at the closes of its klines; null where it is not defined yet."""

    symbol: str
    name: str
    period: str
    among_prices: bool
    lines: dict[str, MaybeNumbers]


class Funding(BaseModel):
    """Settlements of funding as columns; where there are too many, `count` of them together: the mean rate, all USD."""

    total: int
    given: int
    time: list[int]
    rate_percent: Numbers = Field(description="of the notional; + means longs pay")
    paid: MaybeNumbers = Field(description="USD received (+) or paid by the run; null where that is not stored")
    count: list[int]
    is_paid_stored: bool


class Signals(BaseModel):
    """Triggers of signal pools as columns."""

    total: int
    given: int
    time: list[int]
    index: list[int] = Field(description="of the trigger")
    pool: list[str]
