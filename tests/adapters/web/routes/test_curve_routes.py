"""The curves of a chart over HTTP, beside a slow calculation from the stored rows, on a market with holes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.databases import raw_database
from tests.support.holed_run import CONFIGURATION, DAY, HOUR, MINUTE, START, Slow, holed_market
from tests.support.web_server import Server

BEGIN, END = START + DAY, START + 8 * DAY
SLOW = Slow()


@pytest.fixture(scope="module")
def holed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(holed_market(tmp_path_factory.mktemp("holed")))
    yield found
    found.close()


@pytest.fixture(scope="module")
def run(holed: Server) -> str:
    return f"/api/backtests/{holed.run('?all_triggers=true', **CONFIGURATION)}"


def test_every_minute_of_a_window_is_what_the_trades_come_to(holed: Server, run: str) -> None:
    trades = holed.get(f"{run}/trades", limit=500)["items"]
    assert len(trades) > 10
    trade = trades[2]
    window = {"start": trade["entry_timestamp"] - HOUR, "end": trade["entry_timestamp"] + 2 * HOUR}
    found = holed.get(f"{run}/equity", **window)
    assert (found["total"], found["given"], found["resolution"]) == (181, 181, "every minute")
    assert found["timestamp"] == [*range(window["start"], window["end"] + 1, MINUTE)]
    assert found["equity"] == pytest.approx([SLOW.equity(trades, at) for at in found["timestamp"]], abs=2e-3)
    exposed = holed.get(f"{run}/exposure", **window)["exposure"]
    held = [SLOW.notional(trades, at) for at in found["timestamp"]]
    assert max(held) > 10_000
    assert exposed == pytest.approx([a / b for a, b in zip(held, found["equity"], strict=True)], abs=1e-5)


def test_drawdown_is_in_percent_of_the_peak_with_every_extreme_across_the_holes(holed: Server, run: str) -> None:
    trades = holed.get(f"{run}/trades", limit=500)["items"]
    figures = holed.get(run)["figures"]
    end = trades[-1]["exit_timestamp"]
    whole = holed.get(f"{run}/equity", end=end, points=10_000)
    thin = holed.get(f"{run}/equity", end=end, points=100)
    assert thin["given"] <= 100 < whole["total"] == thin["total"]
    assert max(thin["drawdown_percent"]) == max(whole["drawdown_percent"])
    assert (min(thin["equity"]), max(thin["equity"])) == (min(whole["equity"]), max(whole["equity"]))
    assert max(whole["drawdown_percent"]) == pytest.approx(figures["max_drawdown_percent"], abs=1e-4)
    peak, falls = 0.0, {}
    for at in range(BEGIN, end + 1, 30 * MINUTE):
        equity = SLOW.equity(trades, at)
        falls[at] = (equity, peak := max(peak, equity))
    known = dict(zip(whole["timestamp"], whole["equity"], strict=True)) if whole["total"] <= 10_000 else {}
    for at, (equity, _) in falls.items():
        if at in known:
            assert known[at] == pytest.approx(equity, abs=2e-3)


def test_holding_is_worth_what_its_symbols_are_and_says_which_klines_are_missing(holed: Server, run: str) -> None:
    window = {"start": START + 4 * DAY - HOUR, "end": START + 4 * DAY + HOUR}
    found = holed.get(f"{run}/hold", **window)
    assert found["given"] == 121
    assert found["value"] == pytest.approx([SLOW.hold(BEGIN, at) for at in found["timestamp"]], rel=1e-9)
    assert [each.split(":")[0] for each in found["missing"]] == ["BTC", "ETH"]
    last = holed.get(f"{run}/hold", start=END, end=END)["value"]
    assert last == pytest.approx([10_000 * (1 + holed.get(run)["figures"]["holding_percent"] / 100)], rel=1e-9)


def test_the_indicators_that_were_asked_for_are_those_of_the_engine(holed: Server, run: str) -> None:
    asked = holed.get(f"{run}/indicators")
    names = [(each["name"], each["period"], each["among_prices"]) for each in asked["indicators"]]
    assert names == [("BOLL", "15m", True), ("MA20", "1h", True), ("RSI14", "15m", False)]
    assert asked["triggers"] == asked["looked_at"] > 100
    window = {"start": START + 2 * DAY, "end": START + 3 * DAY}
    found = holed.get(f"{run}/indicator", symbol="BTC", name="ma20", period="1h", **window)
    assert found["timestamp"] == [at for at in range(window["start"], window["end"] + 1, HOUR) if _has_klines(at)]
    wanted = [SLOW.average("BTC", at, 20) for at in found["timestamp"]]
    assert found["lines"]["value"] == pytest.approx(wanted, rel=1e-9)
    seen = holed.get(f"{run}/triggers/40")
    (answer,) = (each["answer"] for each in seen["queries"] if each["arguments"][1:] == ["rsi14", "15m"])
    at = seen["timestamp"]
    lines = holed.get(f"{run}/indicator", symbol="BTC", name="RSI14", period="15m", start=at, end=at)["lines"]
    assert lines["value"] == pytest.approx([answer["value"]])


def _has_klines(closed: int) -> bool:
    return any(closed - each * MINUTE in SLOW.closes["BTC"] for each in range(60))


def test_funding_is_what_was_paid_at_each_settlement(holed: Server, run: str) -> None:
    found = holed.get(f"{run}/funding", symbol="BTC")
    assert (found["total"], found["is_paid_stored"]) == (7 * 24, True)
    assert sum(found["paid"]) == pytest.approx(holed.get(run)["figures"]["funding_received"], abs=1e-5)
    assert found["rate_percent"] == pytest.approx([0.01] * found["given"])
    few = holed.get(f"{run}/funding", symbol="BTC", points=10)
    assert (few["total"], sum(few["count"])) == (168, 168)
    assert sum(few["paid"]) == pytest.approx(sum(found["paid"]))


def test_a_result_of_an_older_version_falls_back_and_says_so(holed: Server, run: str) -> None:
    older = f"/api/backtests/{holed.run('?all_triggers=true', **CONFIGURATION)}"
    exact = holed.get(f"{older}/exposure", start=BEGIN + 3 * HOUR, end=BEGIN + 3 * HOUR)["exposure"]
    another = f"/api/backtests/{holed.run(**CONFIGURATION)}"
    with raw_database(f"sqlite:///{holed.market}") as raw:
        raw.execute(f"delete from backtest_series where backtest_id = {another.rpartition('/')[2]}")
    found = holed.get(f"{another}/equity")
    assert not found["is_whole"]
    assert "points of the whole run: its minutes are not stored" in found["resolution"]
    assert found["given"] <= found["total"] <= 2_000
    exposure = holed.get(f"{another}/exposure")
    assert "worked out from trades and klines" in exposure["resolution"]
    assert max(exposure["exposure"]) == pytest.approx(max(holed.get(f"{older}/exposure")["exposure"]), rel=0.02), exact
    assert not holed.get(f"{another}/funding", symbol="BTC")["is_paid_stored"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("equity?start=5&end=4", 422),
        ("equity?points=3", 422),
        ("indicator?symbol=BTC&name=NONE&period=1h", 404),
        ("indicator?symbol=DOGE&name=MA20&period=1h", 404),
        ("indicator?symbol=BTC&name=MA20&period=1y", 422),
        ("funding", 422),
    ],
)
def test_what_cannot_be_answered_is_refused(holed: Server, run: str, path: str, status: int) -> None:
    assert holed.client.get(f"{run}/{path}").status_code == status
