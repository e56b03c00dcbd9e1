"""Cards of programs without any skill, of one with an edge, and of those that tell nothing."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from adapters.ensembles import COSTS, CostLimit
from adapters.robustness import Grade, make_card
from adapters.robustness.bearable_costs import cost_lines
from adapters.robustness.card_making import card_of_runs
from adapters.robustness.card_runs import CardRuns, run_card
from adapters.robustness.one_record import record_lines
from adapters.studies import Study, parse_metric, parse_parameter
from adapters.trials import Trial, TrialRunner, run_trials
from adapters.workers import ThisProcess
from engine import Decision, StrategyError
from engine.result import daily_returns
from engine.selection import deflated_sharpe_ratio, sharpe_moments
from tests.support.card_programs import DAY_MS, START, Chance, Knowing, edged_market, job_of, noise_market

HOLDS = [parse_parameter("hold=4:8:1"), parse_parameter("portion=0.3:0.7:0.1")]
LINES = [
    "break_even_fee", "break_even_slippage", "break_even_latency", "plateau", "start_shift", "deflated_sharpe",
    "overfitting", "best_trades", "best_month", "sides", "missing", "ambiguous",
]  # fmt: skip


def made(job, **more):
    return make_card(job, ThisProcess(), **more)


def chance(seed, market, **fields):
    return job_of(Chance, market, params={"seed": seed, "hold": 6, "portion": 0.5}, **fields)


@pytest.fixture(scope="module")
def edge_job():
    return job_of(Knowing, edged_market(3, 0.6), "1h", {"hold": 8, "portion": 0.5})


@pytest.fixture(scope="module")
def edge_runs(edge_job):
    return run_card(edge_job, ThisProcess())


@pytest.fixture(scope="module")
def edge(edge_runs):
    return card_of_runs(edge_runs, "an edge")


def test_a_planted_edge_passes(edge):
    assert edge.grade is Grade.GOOD, str(edge)
    assert [each.name for each in edge.lines] == LINES
    assert edge.title == "an edge"
    assert all(each.meaning and each.reason and each.value for each in edge.lines)


FREE = {"fee_rate": 0, "slippage_percent": 0}


@pytest.mark.parametrize(
    ("count", "fields"),
    [
        pytest.param(4, FREE, id="4 of them, no costs"),
        pytest.param(200, FREE, id="all, no costs", marks=pytest.mark.soak),
        pytest.param(200, {}, id="all, costs", marks=pytest.mark.soak),
    ],
)
def test_of_200_programs_without_skill_at_most_5_in_100_pass(count, fields):
    """Ten programs on each of twenty markets, or some of them."""
    passed = 0
    for number in range(0, 200, 200 // count):
        place, each = divmod(number, 10)
        job = chance(100 * place + each, noise_market(1000 + place), **fields)
        card = made(job, ranges=HOLDS)
        assert card.title == "Chance on hyperliquid: BTC"
        passed += card.grade is Grade.GOOD
    print(f"{passed} of {count} pass")
    assert passed <= 0.05 * count


def test_break_evens_are_costs_at_which_real_runs_still_earn(edge, edge_job):
    """A run at the break-even earns; one at 2 % more does not."""
    for name, fields in (
        ("break_even_fee", lambda x: {"fee_model": "flat", "fee_rate": x}),
        ("break_even_slippage", lambda x: {"slippage_percent": x}),
    ):
        cost = edge.line(name).facts["break_even"]
        with TrialRunner(edge_job) as runner:
            at, above = (runner.result(Trial(0, fields(x))).total_pnl for x in (cost, 1.02 * cost))
        assert at > 0.0 >= above


def test_a_break_even_below_which_it_loses_is_a_doubt(edge_job):
    with TrialRunner(edge_job) as runner:
        result = runner.result(Trial(0))
        (run,) = runner([Trial(0)])
    now = edge_job.config.fee_rate
    found = {}
    for name, profits in (
        ("sound", {0.0: 1, now: 1, 1.0: 1, 3.0: -1}),
        ("odd", {0.0: -1, now: 1, 1.0: 1, 3.0: -1, 10.0: 1}),
    ):
        runs = {value: replace(run, figures={"total_pnl": pnl}) for value, pnl in profits.items()}
        costs = {cost.name: CostLimit(cost, cost.now(edge_job.config), runs) for cost in COSTS[:1]}
        found[name] = next(cost_lines(CardRuns(result, (), "none", costs)))
    assert (found["sound"].value, found["sound"].grade) == ("1 %", Grade.GOOD)
    assert (found["odd"].value, found["odd"].grade) == ("1 %; yet it loses at 0 %; again at 10 %", Grade.DOUBTFUL)
    assert found["odd"].reason.endswith("; it loses at less, so what it bears is by chance")
    assert (found["odd"].facts["lost_below"], found["odd"].facts["borne_above"]) == ([0.0], [10.0])


def test_the_sharpe_ratio_is_deflated_by_all_runs_of_the_card(edge, edge_job):
    facts = edge.line("deflated_sharpe").facts
    assert facts["trials"] == edge.runs == facts["of_card"] > 50
    with TrialRunner(edge_job) as runner:
        result = runner.result(Trial(0))
    moments = sharpe_moments(daily_returns(result.equity.daily()[1]))
    expected = deflated_sharpe_ratio(moments, edge.runs, facts["variance"])
    assert facts["deflated_sharpe_ratio"] == pytest.approx(expected, abs=1e-12)
    assert facts["sharpe_ratio"] == result.sharpe_ratio


def test_the_trials_of_the_study_count_too(edge, edge_job, edge_runs):
    """The same program out of a study of 400 trials: what the best of so many shows by luck is more."""
    study = Study("sweep", {}, HOLDS, (parse_metric("sharpe_ratio"),))
    done = {
        outcome.number: outcome
        for outcome in run_trials(edge_job, [Trial(each, {}, {"hold": 1 + each}) for each in range(8)], ThisProcess())
    }
    for number in range(400):
        study.add(Trial(number), done[number % 8])
    card = card_of_runs(edge_runs, "out of a study", study)
    facts = card.line("deflated_sharpe").facts
    assert (facts["of_study"], facts["trials"]) == (400, 400 + edge.runs)
    assert facts["deflated_sharpe_ratio"] < edge.line("deflated_sharpe").facts["deflated_sharpe_ratio"]
    assert "400 of the study" in card.line("deflated_sharpe").reason
    assert card.line("overfitting").facts["curves"] == 400


def test_without_the_best_trades_and_the_best_month_is_what_they_brought(edge, edge_job):
    with TrialRunner(edge_job) as runner:
        result = runner.result(Trial(0))
    best = sorted((each.pnl for each in result.trades), reverse=True)[:5]
    assert edge.line("best_trades").facts["pnl_without"] == pytest.approx(result.total_pnl - sum(best))
    months = edge.line("best_month").facts["months"]
    assert list(months) == ["2024-01", "2024-02", "2024-03", "2024-04"]
    assert sum(months.values()) == pytest.approx(result.total_pnl)
    times, equity = result.equity.daily()
    january = equity[np.searchsorted(times, 1_706_745_600_000)] - result.initial_balance  # 2024-02-01
    assert months["2024-01"] == pytest.approx(january)
    assert edge.line("best_month").facts["pnl_without"] == pytest.approx(result.total_pnl - max(months.values()))


def test_a_program_that_does_nothing_is_not_told_about():
    class Idle:
        def should_trade(self, data):
            return None

    card = made(job_of(Idle, noise_market(1)))
    assert card.grade is Grade.NOT_TOLD
    grades = {each.name: each.grade for each in card.lines}
    assert grades.pop("missing") is Grade.GOOD
    assert {*grades.values()} == {Grade.NOT_TOLD}


def test_few_trades_tell_nothing_good_whatever_they_have_brought():
    """Three trades with hindsight: a fortune, of which nothing can be said."""

    class Lucky:
        def should_trade(self, data):
            day, hour = divmod((data.timestamp - START) // 3_600_000, 24)
            if "BTC" in data.positions:
                return Decision("close", "BTC", target_portion_of_balance=1.0) if hour == 8 else None
            is_time = day in (10, 40, 70) and hour == 0
            return Decision("buy", "BTC", target_portion_of_balance=0.9, leverage=5) if is_time else None

    card = made(job_of(Lucky, edged_market(3, 5.0)))
    assert card.line("best_trades").facts["pnl"] > 2_000.0
    assert card.grade is Grade.NOT_TOLD
    assert "3 closed trades are too few" in card.line("break_even_fee").reason
    for name in ("break_even_fee", "start_shift", "deflated_sharpe", "best_trades", "sides", "ambiguous"):
        assert card.line(name).grade is Grade.NOT_TOLD


def test_one_trade_makes_no_plateau_and_no_start_that_does_not_matter():
    class Once:
        def init(self, params):
            self.params = params

        def should_trade(self, data):
            day = (data.timestamp - START) // DAY_MS
            if "BTC" in data.positions:
                return Decision("close", "BTC", target_portion_of_balance=1.0) if day > 40 else None
            if day != 40:
                return None
            return Decision("buy", "BTC", target_portion_of_balance=self.params["portion"], leverage=2)

    card = made(job_of(Once, edged_market(3, 5.0), "1h", {"portion": 0.5}))
    line = card.line("plateau")
    assert (line.facts["neighbours"], line.grade) == (4, Grade.NOT_TOLD)
    assert line.reason == "1 closed trade is too few to tell; it takes 30"
    assert card.line("sides").reason == "1 closed trade of a side is too few to tell; it takes 15"
    assert card.line("ambiguous").reason == "1 closed trade is too few to tell; it takes 30"
    assert card.line("start_shift").grade in (Grade.NOT_TOLD, Grade.BAD)


def test_next_to_nothing_has_no_sign_and_one_is_no_plural():
    """Two trades that come to a thousandth of a dollar less than nothing, of which one is the month's."""
    result = SimpleNamespace(
        total_pnl=0.001, total_trades=2, trades=[SimpleNamespace(pnl=each) for each in (0.003, -0.002)],
        breakdown=[], equity=SimpleNamespace(daily=lambda: (np.array([START, START + DAY_MS]), np.array([0.0, 0.003]))),
        data_coverage=[{"series": "klines", "symbol": "BTC", "expected": 1, "missing": 0}], ambiguous_klines=0,
    )  # fmt: skip
    lines = {each.name: each for each in record_lines(result)}
    assert lines["best_trades"].value == lines["best_month"].value == "0.00 USD"
    assert lines["missing"].reason == "0 of 1 kline of BTC"
    assert lines["best_month"].reason == "1 month is too few to tell; it takes 3"


def test_a_side_that_is_never_taken_is_a_doubt():
    class Long(Knowing):
        def should_trade(self, data):
            decision = super().should_trade(data)
            return None if decision is not None and decision.operation == "sell" else decision

    with TrialRunner(job_of(Long, edged_market(3, 0.6), "1h", {"hold": 8, "portion": 0.5})) as runner:
        line = next(each for each in record_lines(runner.result(Trial(0))) if each.name == "sides")
    assert line.grade is Grade.DOUBTFUL
    assert "only goes long" in line.reason


def test_a_program_that_fails_has_no_card():
    class Broken:
        def should_trade(self, data):
            raise ValueError("no")

    with pytest.raises(StrategyError, match=r"does not come to its end: .*no"):
        made(job_of(Broken, noise_market(1)))


def test_a_short_range_is_said_to_be_short(edge_job):
    config = edge_job.config_of(Trial(0, {"end_time": START + 9 * DAY_MS, "scheduled_interval": "1d"}))
    card = made(replace(edge_job, config=config))
    assert "too short for later starts" in card.line("start_shift").reason
    assert card.grade in (Grade.NOT_TOLD, Grade.BAD)


def test_the_line_of_ambiguous_exits_says_how_wide_the_net_pnl_is():
    class Tight:
        def init(self, params):
            self.away = params["away"]

        def should_trade(self, data):
            price = data.get_price("BTC")
            if data.positions:
                return None
            exits = {"take_profit_price": price * (1 + self.away), "stop_loss_price": price * (1 - self.away)}
            return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=1, **exits)

    job = job_of(Tight, noise_market(1), "1h", {"away": 0.0004}, slippage_percent=0)
    runs = run_card(replace(job, config=replace(job.config, end_time=START + 4 * DAY_MS)), ThisProcess())
    (line,) = [each for each in record_lines(runs.result) if each.name == "ambiguous"]
    assert runs.result.ambiguous_klines > 10
    assert line.facts["pnl_low"] == runs.result.total_pnl < line.facts["pnl_high"]
    assert line.value.endswith(f", {runs.result.pnl_width:,.2f} USD wide")
    sure = replace(runs.result, ambiguous_klines=0, pnl_width=0.0)
    assert [each.value for each in record_lines(sure) if each.name == "ambiguous"] == ["0 %"]
