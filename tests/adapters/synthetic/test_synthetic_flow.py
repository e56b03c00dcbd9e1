"""Synthetic flow rows: they belong to their klines, depend on the seed alone, and grow without changing."""

from __future__ import annotations

import numpy as np
import pytest

from adapters import synthetic_flow_history, synthetic_klines
from engine import ConfigurationError, FlowHistory, KlineColumns
from engine.market.flow import flow_metric

START = 1_704_067_200_000
MINUTES = 2 * 1440


@pytest.fixture(scope="module", params=["BTC", "DOGE"])
def klines(request: pytest.FixtureRequest) -> KlineColumns:
    return synthetic_klines(request.param, START, MINUTES, 7)


def columns(flow: FlowHistory) -> dict[str, np.ndarray]:
    out = {}
    for rows in (flow.trades, flow.book):
        for name in type(rows).__dataclass_fields__:
            out[f"{type(rows).__name__} {name}"] = getattr(rows, name)
    for name in ("mark_price", "oracle_price", "open_interest", "funding_rate"):
        out[name] = getattr(flow, name).rows.value
    return out


def test_rows_add_up_to_their_klines(klines: KlineColumns) -> None:
    trades = synthetic_flow_history("BTC", klines, 7).trades
    assert trades is not None
    assert trades.timestamp_ms.reshape(-1, 4)[:, -1].tolist() == (klines.open_ms + 60_000).tolist()
    np.testing.assert_array_equal(trades.high.reshape(-1, 4).max(axis=1), klines.high)
    np.testing.assert_array_equal(trades.low.reshape(-1, 4).min(axis=1), klines.low)
    volume = (trades.buy_volume + trades.sell_volume).reshape(-1, 4).sum(axis=1)
    np.testing.assert_allclose(volume, klines.volume, rtol=1e-6, atol=1e-7)
    assert ((trades.low <= trades.vwap) & (trades.vwap <= trades.high)).all()
    marks = synthetic_flow_history("BTC", klines, 7).mark_price
    assert marks is not None
    np.testing.assert_array_equal(marks.rows.value.reshape(-1, 4)[:, -1], klines.close)


def test_every_value_is_sensible_and_fits_the_platforms_columns(klines: KlineColumns) -> None:
    for name, column in columns(synthetic_flow_history("BTC", klines, 7)).items():
        assert np.isfinite(column).all(), name
        if name != "funding_rate":
            assert (column >= 0).all(), name
        np.testing.assert_array_equal(column, np.round(column, 8), err_msg=name)


def test_a_longer_market_begins_with_the_shorter_one(klines: KlineColumns) -> None:
    whole, part = (
        columns(synthetic_flow_history("BTC", klines, 7)),
        columns(synthetic_flow_history("BTC", klines.slice(0, 700), 7)),
    )
    for name, column in part.items():
        np.testing.assert_array_equal(column, whole[name][: len(column)], err_msg=name)


def test_seed_and_symbol_decide_everything(klines: KlineColumns) -> None:
    one, same = (columns(synthetic_flow_history("BTC", klines, 7)) for _ in range(2))
    assert all(np.array_equal(column, same[name]) for name, column in one.items())
    for other in (synthetic_flow_history("BTC", klines, 8), synthetic_flow_history("ETH", klines, 7)):
        assert not np.array_equal(columns(other)["TradeRows buy_notional"], one["TradeRows buy_notional"])


def test_takers_lean_for_minutes_and_with_the_price(klines: KlineColumns) -> None:
    flow = synthetic_flow_history("BTC", klines, 7)
    trades, marks = flow.trades, flow.mark_price
    assert trades is not None
    assert marks is not None
    share = trades.buy_notional / (trades.buy_notional + trades.sell_notional)
    share = share[np.isfinite(share)]
    assert np.corrcoef(share[1:], share[:-1])[0, 1] > 0.3
    assert 0.4 < share.mean() < 0.6
    for metric in ("CVD", "OI", "FUNDING", "DEPTH", "VOLATILITY"):
        assert flow_metric(flow, metric, 300_000, START + 3_600_000)


def test_klines_with_holes_have_rows_only_where_they_are(klines: KlineColumns) -> None:
    kept = np.r_[0:100, 200:300]
    names = ("open_ms", "open", "high", "low", "close", "volume")
    holed = KlineColumns(60_000, *(getattr(klines, name)[kept] for name in names))
    trades = synthetic_flow_history("BTC", holed, 7).trades
    assert trades is not None
    assert len(trades) == 800
    assert len(synthetic_flow_history("BTC", KlineColumns.of(60_000, ()), 7).times("open_interest") or ()) == 0


def test_other_periods_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="1m klines"):
        synthetic_flow_history("BTC", KlineColumns.of(300_000, ()), 7)
