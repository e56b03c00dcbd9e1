"""Walk-forwards against a plain loop, with scrambled futures, resumed, on several workers, and where things fail."""

from __future__ import annotations

import json
import math
from itertools import pairwise, product

import numpy as np
import pytest

from adapters import synthetic_klines
from adapters.searches import SearchPlan
from adapters.studies import Parameter, parse_metric
from adapters.trials import Ground, Job
from adapters.walking import WalkScheme, new_study, planned_walk, run_walk, window_rows
from adapters.workers import ThisProcess, open_workers
from engine import BacktestConfig, Decision, FlowHistory, KlineColumns, MarketHistory, SymbolHistory, TimedValues
from engine.resampling import other_future
from processes import ProgramBacktestEngine

START, MINUTE, HOUR, DAY = 1_704_067_200_000, 60_000, 3_600_000, 86_400_000
DAYS = 12


class Dips:
    """Buys below a threshold; with a fast one it raises, and with a deep one it never trades."""

    def init(self, params):
        self.threshold, self.stop = params["threshold"], params["stop"]

    def should_trade(self, data):
        if self.threshold > 90:
            raise ValueError("too high")
        rsi, price = data.get_indicator("BTC", "RSI14", "15m"), data.get_price("BTC")
        if not rsi or data.positions or rsi["value"] > self.threshold:
            return None
        prices = {"take_profit_price": price * (1 + self.stop), "stop_loss_price": price * (1 - self.stop)}
        return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=3, **prices)


PARAMETERS = (
    Parameter("threshold", values=(30, 45)),
    Parameter("stop", values=(0.004, 0.01)),
    Parameter("execution_price", is_field=True, values=("close", "open")),
)
SCHEME = WalkScheme(3 * DAY, 2 * DAY, purge_ms=6 * HOUR)


@pytest.fixture(scope="module")
def market():
    klines = synthetic_klines("BTC", START - 2 * DAY, (DAYS + 2) * 1440, seed=3)
    rates = TimedValues(START + 8 * HOUR * np.arange(3 * DAYS), 1e-4 * np.sin(np.arange(3.0 * DAYS)))
    return MarketHistory([SymbolHistory("BTC", klines, flow=FlowHistory(funding_rate=rates))])


def config(**more):
    return BacktestConfig(**{
        "strategy": Dips, "symbols": ["BTC"], "start_time": START, "end_time": START + DAYS * DAY,
        "scheduled_interval": "15m", "params": {"threshold": 40, "stop": 0.01}, **more,
    })  # fmt: skip


def walk(market, scheme=SCHEME, parameters=PARAMETERS, metric="sharpe_ratio", account="carried", search=None, **more):
    job = Job(config(**more), {"": Ground(market)})
    return planned_walk(job, parameters, parse_metric(metric), scheme, account, search)


def run_of(market, start, end, balance, threshold, stop, execution_price):
    """Run by hand."""
    settings = config(
        start_time=start, end_time=end, initial_balance=balance, execution_price=execution_price,
        params={"threshold": threshold, "stop": stop},
    )  # fmt: skip
    return ProgramBacktestEngine(market).run(settings)


def slow_walk(market, account):
    """A plain loop: choose in each window, test, go on."""
    rows, times, equity, balance, worth = [], [], [], 10_000.0, 10_000.0
    begin = START
    while begin + 5 * DAY <= START + DAYS * DAY:
        test, best = begin + 3 * DAY, None
        for values in product((30, 45), (0.004, 0.01), ("close", "open")):
            result = run_of(market, begin, test - 6 * HOUR, 10_000.0, *values)
            if result.sharpe_ratio is not None and (best is None or result.sharpe_ratio > best[0]):
                best = result.sharpe_ratio, values, result
        result = run_of(market, test, test + 2 * DAY, balance if account == "carried" else 10_000.0, *best[1])
        rows.append((begin, test - 6 * HOUR, test, test + 2 * DAY, best[1], best[2], result))
        factor = 1.0 if account == "carried" else worth / 10_000.0
        curve = result.equity
        skip = 1 if times else 0
        times += curve.timestamp_ms[skip:].tolist()
        equity += [factor * value for value in curve.equity[skip:].tolist()]
        balance, worth = result.final_equity, equity[-1]
        begin += 2 * DAY
    return rows, np.array(times), np.array(equity)


@pytest.mark.parametrize("account", ["carried", "restarted"])
def test_it_is_what_a_plain_loop_finds(market, account):
    walked = run_walk(walk(market, account=account), ThisProcess())
    rows, times, equity = slow_walk(market, account)
    assert len(walked.windows) == len(rows) == 4
    years = {"in": (3 * DAY - 6 * HOUR) / (365 * DAY), "out": 2 * DAY / (365 * DAY)}
    for each, (begin, trained, test, end, values, best, result) in zip(walked.windows, rows, strict=True):
        row = each.row()
        assert (row["train_from"], row["train_to"], row["test_from"], row["test_to"]) == (begin, trained, test, end)
        assert tuple(row["parameters"].values()) == values
        assert (row["in_metric"], row["out_metric"]) == (best.sharpe_ratio, result.sharpe_ratio)
        assert row["in_return_percent"] == pytest.approx(best.total_pnl_percent)
        assert row["out_return_percent"] == pytest.approx(result.total_pnl_percent)
        gained = (1 + best.total_pnl_percent / 100) ** (1 / years["in"]) - 1
        kept = (1 + result.total_pnl_percent / 100) ** (1 / years["out"]) - 1
        assert row["in_annual_percent"] == pytest.approx(100 * gained)
        assert row["out_annual_percent"] == pytest.approx(100 * kept)
        assert row["efficiency"] == (pytest.approx(kept / gained) if gained > 0 else None)
        assert (row["trades"], row["open_pnl"]) == (result.total_trades, result.unrealized_pnl)
        assert (row["initial_balance"], row["final_equity"]) == (result.initial_balance, result.final_equity)
        assert each.tested.outcome.digest == result.digest
        assert each.chosen.outcome.digest == best.digest
    np.testing.assert_array_equal(walked.equity.timestamp_ms, times)
    if account == "carried":
        np.testing.assert_array_equal(walked.equity.equity, equity)
    np.testing.assert_allclose(walked.equity.equity, equity, rtol=1e-12)
    check_figures(walked, rows, times, equity)
    assert any(row["open_pnl"] for row in (each.row() for each in walked.windows))


def check_figures(walked, rows, times, equity):
    """Compare what all of it amounts to with formulas by hand."""
    figures = walked.figures
    assert figures["total_pnl_percent"] == pytest.approx(100 * (equity[-1] / equity[0] - 1))
    peak = np.maximum.accumulate(equity)
    assert figures["max_drawdown_percent"] == pytest.approx(float((100 * (peak - equity) / peak).max()))
    daily = equity[times % DAY == 0]
    returns = daily[1:] / daily[:-1] - 1
    assert figures["sharpe_ratio"] == pytest.approx(returns.mean() / returns.std(ddof=1) * math.sqrt(365))
    downside = math.sqrt(float(np.mean(np.minimum(returns, 0) ** 2)))
    assert figures["sortino_ratio"] == pytest.approx(returns.mean() / downside * math.sqrt(365))
    assert figures["annual_return_percent"] is figures["calmar_ratio"] is None  # eight days are no year
    assert figures["total_trades"] == sum(row[-1].total_trades for row in rows)
    gained = math.prod(1 + row[-2].total_pnl_percent / 100 for row in rows) ** (365 / 11) - 1
    kept = (equity[-1] / equity[0]) ** (365 / 8) - 1
    assert walked.efficiency == (pytest.approx(kept / gained) if gained > 0 else None)
    assert walked.consistency == sum(row[-1].total_pnl > 0 for row in rows) / 4
    values = [row[4][0] for row in rows]
    assert walked.stability["threshold"].share == max(values.count(each) for each in values) / 4
    assert walked.stability["threshold"].changes == sum(one != two for one, two in pairwise(values))


@pytest.mark.parametrize("anchored", [False, True])
def test_what_comes_after_a_training_changes_nothing_in_it_nor_what_is_chosen(market, anchored):
    scheme = WalkScheme(3 * DAY, 2 * DAY, purge_ms=6 * HOUR, is_anchored=anchored)
    walked = run_walk(walk(market, scheme), ThisProcess())
    per_window = walked.walk.per_window
    for place, window in enumerate(walked.plan.windows):
        other = run_walk(walk(other_future(market, window.train_to_ms, 5), scheme), ThisProcess())
        known = range((place + 1) * per_window)
        assert [other.study.trials[n].outcome.digest for n in known] == [
            walked.study.trials[n].outcome.digest for n in known
        ]
        assert [other.study.trials[n].figures for n in known] == [walked.study.trials[n].figures for n in known]
        assert [each.parameters for each in other.windows[: place + 1]] == [
            each.parameters for each in walked.windows[: place + 1]
        ]
        assert other.windows[place].tested.outcome.digest != walked.windows[place].tested.outcome.digest


def test_a_training_is_given_no_market_beyond_its_end(market):
    found = walk(market)
    for trial in found.trainings():
        window = found.plan.windows[trial.number // found.per_window]
        cut = trial.change.applied(market).symbols["BTC"]
        assert cut.base.columns.open_ms[-1] <= window.train_to_ms == trial.fields["end_time"] < window.test_from_ms
        assert cut.flow.funding_rate.rows.timestamp_ms[-1] <= window.train_to_ms


def plain_bytes(walked):
    return json.dumps(walked.to_dict(), sort_keys=True)


@pytest.mark.parametrize("account", ["carried", "restarted"])
@pytest.mark.parametrize("search", [None, SearchPlan("tpe", 10, 4)])
def test_one_worker_or_two_come_to_the_same_bytes(market, account, search):
    found = walk(market, account=account, search=search)
    one = run_walk(found, ThisProcess())
    with open_workers(2) as workers:
        assert plain_bytes(run_walk(found, workers)) == plain_bytes(one)
    assert len(one.study) == found.planned


def test_what_is_done_already_is_not_run_again(market):
    found = walk(market)
    whole = run_walk(found, ThisProcess())
    study, told = new_study(found), []
    study.trials = {number: whole.study.trials[number] for number in (0, 5, 8, 17)}
    assert plain_bytes(run_walk(found, ThisProcess(), study, told.append)) == plain_bytes(whole)
    assert sorted(each.number for each in told) == sorted({*whole.study.trials} - {0, 5, 8, 17})
    again = []
    assert plain_bytes(run_walk(found, ThisProcess(), whole.study, again.append)) == plain_bytes(whole)
    assert again == []


def test_a_search_goes_on_in_each_window_where_it_stopped(market):
    found = walk(market, search=SearchPlan("tpe", 10, 4))
    whole = run_walk(found, ThisProcess())
    study, told = new_study(found), []
    study.trials = {number: done for number, done in whole.study.trials.items() if number < 13}
    assert plain_bytes(run_walk(found, ThisProcess(), study, told.append)) == plain_bytes(whole)
    assert min(each.number for each in told) == 13
    notes = [(each.notes["window"], each.notes["run"]) for each in whole.study]
    assert notes == [(n + 1, "training") for n in range(4) for _ in range(10)] + [(n + 1, "test") for n in range(4)]


def test_a_search_of_the_whole_grid_chooses_what_the_grid_does(market):
    grid = run_walk(walk(market), ThisProcess())
    search = run_walk(walk(market, search=SearchPlan("grid")), ThisProcess())
    assert [each.row() for each in search.windows] == [each.row() for each in grid.windows]


def test_a_window_in_which_nothing_can_be_chosen_is_flat_and_counted(market):
    fails = (Parameter("threshold", values=(99, 95)),)
    walked = run_walk(walk(market, parameters=fails), ThisProcess())
    assert len(walked.flat) == 4
    assert walked.windows[0].why_flat.startswith("every training failed, the first with: ")
    assert "too high" in walked.windows[0].why_flat
    assert [each.row()["failed"] for each in walked.windows] == [2] * 4
    assert np.all(walked.equity.equity == 10_000.0)
    assert walked.consistency == 0.0
    assert walked.efficiency is None
    assert walked.stability == {}
    assert walked.windows[0].row()["out_return_percent"] == 0.0
    assert walked.notes[-1].startswith("nothing was tested in 4 of 4 windows, which are flat: every training failed")
    assert walked.frame["threshold"].isna().all()


def test_a_metric_that_is_not_defined_in_a_window_leaves_it_flat_and_the_others_as_they_are(market):
    rare = (Parameter("threshold", values=(20, 21)),)
    walked = run_walk(walk(market, parameters=rare, metric="profit_factor"), ThisProcess())
    flat = [each.window.number for each in walked.flat]
    assert 0 < len(flat) < 4
    assert walked.flat[0].why_flat == "profit_factor is defined for none of 2 trainings that ran"
    for number in flat:
        window = walked.windows[number].window
        part = (walked.equity.timestamp_ms >= window.test_from_ms) & (walked.equity.timestamp_ms <= window.test_to_ms)
        assert len({*walked.equity.equity[part].tolist()}) == 1


def test_between_tests_with_a_gap_the_curve_is_flat_and_its_days_count(market):
    scheme = WalkScheme(2 * DAY, DAY, step_ms=3 * DAY)
    walked = run_walk(walk(market, scheme), ThisProcess())
    curve = walked.equity
    first, second = walked.windows[0].window, walked.windows[1].window
    between = curve.equity[(curve.timestamp_ms >= first.test_to_ms) & (curve.timestamp_ms <= second.test_from_ms)]
    assert {*between.tolist()} == {walked.windows[0].tested.figures["final_equity"]}
    assert np.all(np.diff(curve.timestamp_ms) == MINUTE)
    assert walked.windows[1].tested.figures["initial_balance"] == walked.windows[0].tested.figures["final_equity"]


def test_an_account_that_is_gone_tests_nothing_more(market):
    ruin = {"fee_rate": 10.0, "liquidation": False, "max_leverage": 50}
    walked = run_walk(walk(market, metric="min:sharpe_ratio", **ruin), ThisProcess())
    why = [each.why_flat for each in walked.windows]
    gone = next(place for place, each in enumerate(walked.windows) if each.row()["final_equity"] is None)
    assert gone > 0
    assert why[gone:] == ["the account is gone"] * (4 - gone)
    assert walked.windows[gone].chosen is not None
    assert walked.figures["final_equity"] < 0.01


def test_a_training_that_begins_inside_of_a_minute_joins_to_one_curve(market):
    walked = run_walk(walk(market, start_time=START + 30_500), ThisProcess())
    curve = walked.equity
    assert curve.timestamp_ms[0] == START + 3 * DAY + 30_500
    assert np.all(curve.timestamp_ms[1:-1] % MINUTE == 0)
    assert np.all(np.diff(curve.timestamp_ms) > 0)
    for each in walked.windows:
        at = np.searchsorted(curve.timestamp_ms, each.window.test_to_ms)
        assert curve.equity[at] == pytest.approx(each.tested.figures["final_equity"], rel=0.01)
    assert curve.equity[-1] == walked.windows[-1].tested.figures["final_equity"]


class LaterRaises(Dips):
    """Raises in runs that are longer than a training."""

    def init(self, params):
        super().init(params)
        self.calls = 0

    def should_trade(self, data):
        self.calls += 1
        if self.calls > 1.5 * 24 * 4:
            raise ValueError("too long")
        return super().should_trade(data)


def test_a_test_that_an_error_ends_early_is_said_and_counts_as_far_as_it_came(market):
    walked = run_walk(walk(market, WalkScheme(DAY, 2 * DAY), metric="total_pnl", strategy=LaterRaises), ThisProcess())
    short = [each.is_cut_short for each in walked.windows]
    tested = [each.tested is not None for each in walked.windows]
    assert short == tested
    assert any(short)
    numbers = ", ".join(str(place + 1) for place, each in enumerate(short) if each)
    (note,) = [each for each in walked.notes if "cut short" in each]
    assert note.startswith(f"{sum(short)} tests are cut short by an error (! at the trades), in window {numbers}: ")
    assert "ValueError: too long" in note
    assert [row[-1].endswith("!") for row in [*window_rows(walked)][1:]] == short


@pytest.mark.parametrize("account", ["carried", "restarted"])
def test_a_test_that_cannot_be_run_is_flat(market, account):
    whole = market.symbols["BTC"].base.columns
    first, last = START + 5 * DAY, START + 7 * DAY  # the second test
    kept = (whole.open_ms < first) | (whole.open_ms >= last)
    names = "open_ms open high low close volume".split()
    columns = KlineColumns(MINUTE, *(getattr(whole, name)[kept] for name in names))
    holed = MarketHistory([SymbolHistory("BTC", columns)])
    walked = run_walk(walk(holed, account=account), ThisProcess())
    window = walked.windows[1]
    assert (window.tested, window.chosen is None, window.efficiency) == (None, False, None)
    assert window.why_flat.startswith("the test failed: symbols: BTC has no klines between")
    assert window in walked.flat
    assert walked.study.tests[1].state == "failed"
