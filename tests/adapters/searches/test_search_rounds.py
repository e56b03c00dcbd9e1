"""Searches: batches proposed, run and told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.searches import SearchPlan, parse_constraint
from adapters.trials import Ground, Job, TrialRunner
from adapters.workers import ThisProcess, open_workers
from engine import BacktestConfig, ConfigurationError, DataError

from .conftest import DAY, START, said

PRUNED = SearchPlan(trials=45, prune=0.4, constraints=(parse_constraint("max_drawdown_percent<3"),))
TWO = SearchPlan("nsga2", trials=70)


class Broken:
    def init(self, params):
        self.limit = params["limit"]

    def should_trade(self, data):
        if self.limit > 50:
            raise RuntimeError("over the limit")


class Backwards(ThisProcess):
    """Answers the last argument first, as a quick worker may."""

    size = 3

    def as_completed(self):
        while self._waiting:
            self._waiting.rotate(1)
            yield from self.first()

    def first(self):
        ticket, argument = self._waiting.popleft()
        others, self._waiting = self._waiting, type(self._waiting)([(ticket, argument)])
        answers = list(super().as_completed())
        self._waiting.extend(others)
        yield from answers


@pytest.mark.parametrize(
    ("plan", "metrics"),
    [
        (SearchPlan(trials=40), ["sharpe_ratio"]),
        (PRUNED, ["total_pnl_percent"]),
        (TWO, ["total_pnl_percent", "max_drawdown_percent"]),
        (SearchPlan("random", trials=40, seed=3), ["sharpe_ratio"]),
    ],
)
def test_the_same_seed_makes_the_same_trials_wherever_they_run(search, plan, metrics):
    alone = said(search(plan, metrics=metrics))
    assert len(alone) == plan.trials
    assert said(search(plan, metrics=metrics, workers=Backwards())) == alone
    with open_workers(2) as two:
        assert said(search(plan, metrics=metrics, workers=two)) == alone


def test_another_seed_or_another_batch_makes_others(search):
    plan = SearchPlan(trials=40)
    found = said(search(plan))
    assert said(search(replace(plan, seed=1))) != found
    assert said(search(replace(plan, batch=5))) != found


def test_fewer_trials_are_the_first_of_more(search):
    assert said(search(SearchPlan(trials=21))) == said(search(SearchPlan(trials=40)))[:21]


@pytest.mark.parametrize("most", [0, 1, 5, 8, 19, 31])
@pytest.mark.parametrize(
    ("plan", "metrics"), [(PRUNED, ["total_pnl_percent"]), (replace(TWO, trials=32), ["total_pnl", "max_drawdown"])]
)
def test_a_search_that_was_left_goes_on_as_if_it_had_not_been(search, plan, metrics, most):
    whole = search(plan, metrics=metrics)
    part = search(plan, metrics=metrics, most=most)
    assert len(part.trials) == most
    asked = []

    class Counting(ThisProcess):
        def submit(self, argument):
            asked.extend(trial.number for trial in argument)
            return super().submit(argument)

    resumed = search(plan, metrics=metrics, stored=part.trials.values(), workers=Counting())
    assert said(resumed) == said(whole)
    assert not {*asked} & {*part.trials}  # none of these was run again


def test_what_is_stored_of_another_search_is_refused(search):
    part = search(SearchPlan(trials=20, seed=1), most=10)
    with pytest.raises(DataError, match="trial 0 of the stored study is another than this search proposes"):
        search(SearchPlan(trials=20, seed=2), stored=part.trials.values())


def test_each_trial_is_the_run_with_its_values_also_one_that_was_pruned(search, job):
    study = search(PRUNED, metrics=["total_pnl_percent"])
    states = {each.state: each for each in study.trials.values()}
    assert {*states} == {"done", "pruned", "infeasible"}
    with TrialRunner(job) as runner:
        for each in states.values():
            assert runner.result(each.trial).digest == each.outcome.digest
    pruned = states["pruned"]
    assert pruned.trial.fields == {"end_time": START + int(0.4 * 9 * DAY) // 60_000 * 60_000}
    assert pruned.outcome.figures["end_time"] == pruned.trial.fields["end_time"]
    assert states["done"].trial.fields == {}


def test_values_that_were_tried_are_not_run_again_and_marked(search):
    study = search(SearchPlan("random", trials=12), ["threshold=20,30,40,50"], workers=(counted := Counted()))
    repeats = {number: each.notes["repeats"] for number, each in study.trials.items() if "repeats" in each.notes}
    assert counted.runs == len(study.trials) - len(repeats) <= 4
    assert repeats
    for number, first in repeats.items():
        assert first < number
        assert "repeats" not in study.trials[first].notes
        assert study.trials[number].trial.params == study.trials[first].trial.params
        assert study.trials[number].outcome.digest == study.trials[first].outcome.digest
        assert study.trials[number].outcome.number == number


class Counted(ThisProcess):
    runs = 0

    def submit(self, argument):
        self.runs += len(argument)
        return super().submit(argument)


def test_it_ends_when_every_combination_has_been_run(search):
    study = search(SearchPlan(trials=500), ["threshold=int(38,45)"])
    assert {each.trial.params["threshold"] for each in study.trials.values()} == {*range(38, 46)}
    assert len(study.trials) < 100
    assert study.end == "all 8 combinations have been run"


def test_a_grid_runs_each_combination_once_in_order(search):
    study = search(SearchPlan("grid", batch=4), ["threshold=20:50:10", "stop=1%,2%"])
    found = [tuple(each.trial.params.values()) for _, each in sorted(study.trials.items())]
    assert found == [(threshold, stop) for threshold in (20, 30, 40, 50) for stop in (0.01, 0.02)]
    shuffled = search(SearchPlan("shuffled-grid", batch=3), ["threshold=20:50:10", "stop=1%,2%"])
    others = [tuple(each.trial.params.values()) for _, each in sorted(shuffled.trials.items())]
    assert sorted(others) == sorted(found)
    assert others != found
    assert study.end == shuffled.end == ""


def test_fields_of_the_configuration_are_searched_too(search, job):
    study = search(SearchPlan(trials=10), ["threshold=int(20,60)"], fields=["slippage_percent=float(0,0.5)"])
    assert len({each.trial.fields["slippage_percent"] for each in study.trials.values()}) == 10
    for each in list(study.trials.values())[:2]:
        with TrialRunner(job) as runner:
            assert runner.result(each.trial).config["slippage_percent"] == each.trial.fields["slippage_percent"]


def test_trials_that_leave_a_constraint_are_never_the_best(search):
    free = search(SearchPlan(trials=40), metrics=["max:max_drawdown_percent"])
    limit = free.best.outcome.figures["max_drawdown_percent"]
    constraints = (parse_constraint(f"max_drawdown_percent<{limit}"),)
    kept = search(SearchPlan(trials=40, constraints=constraints), metrics=["max:max_drawdown_percent"])
    assert kept.best.outcome.figures["max_drawdown_percent"] < limit
    assert {each.state for each in kept.trials.values()} == {"done", "infeasible"}
    for each in kept.trials.values():
        left = each.outcome.figures["max_drawdown_percent"] >= limit
        assert each.state == ("infeasible" if left else "done")
        assert each.notes.get("violates", []) == ([f"max_drawdown_percent<{limit!r}"] if left else [])


def test_trials_whose_constraint_has_no_value_leave_it(search):
    study = search(SearchPlan("grid", constraints=(parse_constraint("win_rate>=0"),)), ["threshold=1,40"])
    assert [study.trials[number].state for number in (0, 1)] == ["infeasible", "done"]


def test_pruned_trials_are_worse_there_than_half_of_those_before_and_never_the_best(search):
    study = search(PRUNED, metrics=["total_pnl_percent"])
    parts = {number: each.notes["part"] for number, each in sorted(study.trials.items()) if "repeats" not in each.notes}
    assert len(parts) > 30
    for number, part in parts.items():
        before = sorted(each for other, each in parts.items() if other < number)
        middle = (before[(len(before) - 1) // 2] + before[len(before) // 2]) / 2 if len(before) >= 10 else -1e9
        assert (study.trials[number].state == "pruned") == (part < middle - 1e-12)
    pruned = [each for each in study.trials.values() if each.state == "pruned"]
    assert all(each.outcome.figures["total_pnl_percent"] == each.notes["part"] for each in pruned)
    assert study.best is None or study.best.state == "done"


def test_a_metric_without_a_value_in_the_part_prunes_nothing(search):
    study = search(SearchPlan(trials=30, prune=0.4), metrics=["calmar_ratio"])  # none of less than 30 days
    assert {each.state for each in study.trials.values()} == {"done"}
    assert not any("part" in each.notes for each in study.trials.values())


def broken(market):
    return Job(
        BacktestConfig(
            strategy=Broken, symbols=["BTC"], start_time=START, end_time=START + DAY, scheduled_interval="1h",
            params={"limit": 0},
        ),
        {"": Ground(market)},
    )  # fmt: skip


def test_a_search_in_which_everything_fails_ends_after_two_batches(search, market):
    study = search(SearchPlan(trials=500), ["limit=int(51,1000)"], job=broken(market))
    assert len(study.trials) == 16
    assert study.end.startswith("all 16 trials failed, and no more are made; the first: ")
    assert "over the limit" in study.end
    assert study.best is None


def test_failed_trials_are_rows_and_the_others_go_on(search, market):
    study = search(SearchPlan(trials=40, prune=0.5), ["limit=int(1,100)"], ["total_pnl"], job=broken(market))
    failed = [each for each in study.trials.values() if each.trial.params["limit"] > 50]
    assert failed
    for each in study.trials.values():
        assert each.state == ("failed" if each in failed else "done")
    assert all("over the limit" in each.outcome.error for each in failed)
    assert all("end_time" not in each.trial.fields for each in failed)


def test_values_that_make_no_configuration_fail_by_themselves(search):
    study = search(SearchPlan("grid", prune=0.5), ["threshold=30"], fields=["fee_rate=-1.0,0.1"])
    assert [study.trials[number].state for number in (0, 1)] == ["failed", "done"]
    assert "fee_rate" in study.trials[0].outcome.error


def test_when_its_time_is_over_it_ends_with_the_batch(search):
    study = search(SearchPlan(trials=40), timeout_s=0.0)
    assert len(study.trials) == 8
    assert study.end == "the time that it may take is over"
    assert said(study) == said(search(SearchPlan(trials=8)))


def test_what_does_not_go_together_is_refused_before_anything_runs(search):
    with pytest.raises(ConfigurationError, match="trials: 0"):
        search(SearchPlan(trials=0))


def test_the_front_is_what_nothing_is_better_than_by_both(search):
    study = search(TWO, metrics=["total_pnl_percent", "max_drawdown_percent"])

    def rank(each):
        figures = each.outcome.figures
        return figures["total_pnl_percent"], -figures["max_drawdown_percent"]

    ranks = [rank(each) for each in study.trials.values()]
    front = [rank(each) for each in study.front]
    assert sorted(front, reverse=True) == front
    assert len(front) == len({*front}) > 1
    better = [
        one for one in ranks if not any(other != one and other[0] >= one[0] and other[1] >= one[1] for other in ranks)
    ]
    assert {*better} == {*front}
    assert study.best.trial.number == study.front[0].trial.number
