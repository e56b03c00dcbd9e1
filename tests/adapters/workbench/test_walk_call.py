"""perpsim.walk_forward: what it takes, gives, keeps and refuses."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import perpsim
import pytest

from adapters import create_database, open_database, synthetic_klines, write_klines
from adapters.studies import read_study
from engine import ConfigurationError, MarketHistory
from processes import ProgramBacktestEngine

START, MINUTE, DAY = 1_704_067_200_000, 60_000, 86_400_000
CODE = """
class Dips:
    def init(self, params):
        self.threshold = params["threshold"]

    def should_trade(self, data):
        rsi, price = data.get_indicator("BTC", "RSI14", "15m"), data.get_price("BTC")
        if not rsi or data.positions or rsi["value"] > self.threshold:
            return None
        return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=2, stop_loss_price=price * 0.99)
"""


class Dips:
    def init(self, params):
        self.threshold = params["threshold"]

    def should_trade(self, data):
        rsi, price = data.get_indicator("BTC", "RSI14", "15m"), data.get_price("BTC")
        if not rsi or data.positions or rsi["value"] > self.threshold:
            return None
        return perpsim.Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=2, stop_loss_price=price * 0.99)


@pytest.fixture(scope="module")
def klines():
    return synthetic_klines("BTC", START - 2 * DAY, 10 * 1440, seed=3)


def walked(data, strategy=Dips, **more):
    given = {
        "over": {"threshold": range(30, 51, 10)}, "train": "3d", "test": "1d", "workers": 1, "progress": False,
        "symbols": "BTC", "start_time": START, "scheduled_interval": "15m",
    }  # fmt: skip
    return perpsim.walk_forward(data, strategy, **{**given, **more})


def test_a_market_a_frame_and_a_database_come_to_the_same(klines, tmp_path):
    market = MarketHistory.from_klines({"BTC": klines})
    names = ("open", "high", "low", "close", "volume")
    frame = pd.DataFrame({name: getattr(klines, name) for name in names})
    frame.index = pd.to_datetime(klines.open_ms, unit="ms", utc=True)
    url = f"sqlite:///{tmp_path / 'market.db'}"
    write_klines(open_database(url, create=True), "binance", "BTC", "1m", klines)
    whole = walked(market)
    assert isinstance(whole, perpsim.WalkForward)
    assert len(whole.frame) == 5
    rows = [each.row() for each in whole.windows]
    assert [each.row() for each in walked(frame).windows] == rows
    assert [each.row() for each in walked(url).windows] == rows
    assert [each.row() for each in walked(url, CODE, trust=True).windows] == rows
    assert [each.row() for each in walked(url, CODE).windows] == rows  # locked up


def test_a_run_of_a_window_is_the_run_of_its_range(klines):
    market = MarketHistory.from_klines({"BTC": klines})
    found = walked(market, train=timedelta(days=2), purge="2h", account="restarted", vary={"fee_rate": [0.0, 0.05]})
    assert found.account == "restarted"
    for each in found.windows:
        window = each.window
        assert window.train_to_ms == window.test_from_ms - 120 * MINUTE
        parameters = dict(each.parameters)
        fee = parameters.pop("fee_rate")
        config = perpsim.BacktestConfig(
            strategy=Dips, symbols=["BTC"], start_time=window.test_from_ms, end_time=window.test_to_ms,
            scheduled_interval="15m", params=parameters, fee_rate=fee,
        )  # fmt: skip
        result = ProgramBacktestEngine(market).run(config)
        assert result.digest == each.tested.outcome.digest
        assert found.study[each.tested.number].result.digest == result.digest


def test_it_is_kept_and_gone_on_with(klines, tmp_path):
    market, url = MarketHistory.from_klines({"BTC": klines}), f"sqlite:///{tmp_path / 'kept.db'}"
    create_database(open_database(url, create=True))
    whole = walked(market, save=url, label="mine", anchored=True)
    assert (whole.study.study_id, whole.study.status) == (1, "completed")
    stored, plan = read_study(open_database(url), 1)
    assert (stored.kind, stored.label, len(stored)) == ("walk-forward", "mine", len(whole.study))
    assert plan["of_kind"]["scheme"]["anchored"] is True
    again = walked(market, save=url, resume=1, anchored=True)
    assert again.to_dict() == whole.to_dict()
    with pytest.raises(ConfigurationError, match="study 1 was begun with other settings"):
        walked(market, save=url, resume=1)
    with pytest.raises(ConfigurationError, match="resume: is of a stored study: give save"):
        walked(market, resume=1)


def test_a_search_takes_intervals(klines):
    market = MarketHistory.from_klines({"BTC": klines})
    found = walked(market, over={"threshold": "int(20,60)"}, trials=4, seed=2)
    assert [each.tried for each in found.windows] == [4] * 5
    assert found.to_dict()["search"]["seed"] == 2
    with pytest.raises(ConfigurationError, match="or search: say how many trials"):
        walked(market, over={"threshold": "float(20,60)"})


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"train": "6mo"}, "train: '6mo' is no duration: write days, as months and years have no fixed length: 180d"),
        ({"train": 30, "test": "x"}, "train: 30 is no duration.*\n?.*test: 'x' is no duration"),
        ({"step": "2h"}, "step: 2h is shorter than the test of 1d"),
        ({"account": "kept"}, "account: 'kept' is neither carried nor restarted"),
        ({"metric": ["fills", "fees_paid"]}, "metric: one figure says what is tested, not 2: give one"),
        ({"metric": "sharp"}, "sharp: is no figure"),
        ({"over": {}}, "nothing varies"),
        ({"over": {"treshold": [1]}}, "did you mean threshold"),
        ({"vary": {"end_time": [START + DAY]}}, "the windows say it"),
        ({"vary": {"initial_balance": [1.0, 2.0]}}, "or restart the account"),
        ({"trian": "3d"}, "did you mean train"),
        ({"sampler": "tpee"}, "did you mean tpe"),
        ({"train": "30d"}, "train: 30d are longer than all there is"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(klines, more, told):
    class Fails:
        def init(self, params):
            raise AssertionError("was run", params["threshold"])

        def should_trade(self, data):
            return None

    with pytest.raises(ConfigurationError, match=told):
        walked(MarketHistory.from_klines({"BTC": klines}), Fails, **more)
