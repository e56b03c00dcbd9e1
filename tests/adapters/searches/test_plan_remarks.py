"""What is said of a search beside its trials."""

from __future__ import annotations

from adapters.searches import SearchPlan, parse_constraint, search_remarks


def said_of(search, plan, *given, **more):
    return search_remarks(search(plan, *given, **more), plan)


def test_of_a_search_in_which_all_went_well_nothing_is_said(search):
    assert said_of(search, SearchPlan(trials=16), metrics=["total_pnl"]) == []


def test_a_constraint_that_all_leave_is_said_with_the_nearest(search):
    plan = SearchPlan("grid", constraints=(parse_constraint("total_trades>5000"), parse_constraint("win_rate>=0")))
    study = search(plan, ["threshold=1,30,45"], ["total_pnl"])
    most = max(each.outcome.figures["total_trades"] for each in study.trials.values())
    assert most > 0
    assert search_remarks(study, plan) == [
        f"3 of 3 trials did not keep total_trades>5000; the nearest has {most}",
        "1 of 3 trials did not keep win_rate>=0, 1 of them because win_rate is not defined",
    ]


def test_what_pruning_saved_is_said(search):
    plan = SearchPlan("shuffled-grid", prune=0.125)
    study = search(plan, ["threshold=20:60:10", "stop=0.005:0.05:0.005"], ["total_pnl_percent"])
    pruned = sum(each.state == "pruned" for each in study.trials.values())
    assert pruned > 6
    assert search_remarks(study, plan) == [
        f"{pruned} of 50 trials were not run whole, after the first 0.125 of the range: {pruned - 6.25:.1f} of 50 "
        "whole runs were saved by that"
    ]
    assert search_remarks(study, SearchPlan("shuffled-grid", prune=0.9))[0].endswith(
        "whole runs were made in addition by that"
    )


def test_pruning_by_a_metric_that_the_part_does_not_have_is_said(search):
    found = said_of(search, SearchPlan(trials=12, prune=0.4), metrics=["annual_return_percent"])
    assert found[-1] == (
        "nothing was pruned: annual_return_percent is not defined for any trial in the first 0.4 of the range"
    )


def test_trials_with_values_of_earlier_ones_are_counted(search):
    (remark,) = said_of(search, SearchPlan("random", trials=12), ["threshold=30,40"], ["total_pnl"])
    assert remark.endswith("trials had the values of an earlier one, and took its outcome without a run")
