"""Laws of what-if, in random markets with every option: a few random cases of each, hundreds in the soak."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies

from adapters.branches import CHANGING, Change, branched, given_faults
from adapters.branches.same_past import require_same_past
from adapters.trials import Ground, Job, Trial, TrialRunner
from engine import ExecutionModels, VenueRules
from engine.faults import KINDS
from engine.venue.models import MarketOrder
from processes import TriggerTimes
from tests.laws.test_execution_laws import law, marks, seeds, traders
from tests.support.drawn_options import options
from tests.support.runs import MINUTE, config
from tests.support.worlds import MINUTES, World, world

#: In which part of the run something changes.
parts = strategies.floats(0.0, 1.0)
BEFORE, AFTER = 0.05, 0.4


def job_of(
    of: World, trader: Any, models: ExecutionModels | None = None, book: str | VenueRules | None = None, **fields: Any
) -> Job:
    end = of.start_ms + MINUTES * MINUTE
    times = {"start_time": of.start_ms, "end_time": end, "scheduled_interval": 45}
    venue, rules = (book, None) if isinstance(book, str) else (None, book)
    costs = {"slippage_percent": BEFORE, "fee_rate": 0.035, "venue": venue}
    settings = config(trader, MINUTES, tuple(of.records), **{**times, **costs, **fields})
    signal = TriggerTimes("ETH", list(range(of.start_ms + 20_000, end, 7 * MINUTE)), "now and then")
    return Job(settings, {"": Ground(of.market(), [signal])}, models=models, rules=rules)


def instant(of: World, part: float) -> int:
    return of.start_ms + round(part * MINUTES * MINUTE)


@law(seed=seeds, who=traders, kind=marks, fields=options, part=parts)
def test_where_nothing_changes_the_head_is_the_same(seed, who, kind, fields, part):
    of = world(seed, kind)
    at = instant(of, part)
    job = job_of(of, who(of), **fields)
    own = {model for model in ("slippage", "fees", "latency", "volume_cap") if getattr(job.models, model, None)}
    same = {name: getattr(job.config_of(Trial(0)), name) for name, model in CHANGING.items() if model not in own}
    for change in (Change(at), Change(at, same)):
        found = branched(job, change)
        assert found.branch.journal_head == found.base.journal_head
        assert found.branch.digest == found.base.digest


@dataclass(frozen=True)
class SlipsMoreLater:
    """Slippage of one's own that is another from an instant on."""

    at_ms: int

    def fill_price(self, order: MarketOrder) -> float:
        percent = BEFORE if order.time_ms < self.at_ms else AFTER
        return order.price * (1.0 + order.sign * percent / 100.0)


@law(seed=seeds, who=traders, kind=marks, part=parts)
def test_another_slippage_is_a_run_whose_model_changes_at_that_instant(seed, who, kind, part):
    of = world(seed, kind)
    at = instant(of, part)
    found = branched(job_of(of, who(of)), Change(at, {"slippage_percent": AFTER}))
    with TrialRunner(job_of(of, who(of), ExecutionModels(slippage=SlipsMoreLater(at)))) as runner:
        by_hand = runner.result(Trial(0))
    assert found.branch.fill_records == by_hand.fill_records
    assert found.branch.trades == by_hand.trades
    assert found.branch.equity.equity.tolist() == by_hand.equity.equity.tolist()
    assert found.branch.journal.upto(at - 1) == found.base.journal.upto(at - 1)


#: Strong enough to do something within minutes.
STRENGTHS = {
    "outage": "9m",
    "rejects": "60",
    "latency": "70s",
    "dropped_data": "50",
    "duplicated_data": "50",
    "frozen_data": "9m",
    "late_signals": "70s",
    "missed_ticks": "60",
    "slow_program": "80s",
}
faults = strategies.lists(strategies.sampled_from(list(KINDS)), min_size=1, max_size=2)


@law(seed=seeds, who=traders, kind=marks, fields=options, part=parts, names=faults)
def test_a_fault_from_an_instant_on_is_a_run_with_a_fault_that_begins_then(seed, who, kind, fields, part, names):
    of = world(seed, kind)
    at = instant(of, part)
    job = replace(job_of(of, who(of), **fields), record_journal=True)
    words = [f"{name}:{STRENGTHS[name]}" if name in STRENGTHS else name for name in names]
    found = branched(job, Change(at, faults=given_faults(words)))
    with TrialRunner(job) as runner:
        whole = runner.result(Trial(0, {"faults": found.change.faults}))
    assert found.branch.digest == whole.digest
    assert found.branch.config["faults"] == whole.config["faults"]
    assert [each for each in found.branch.warnings if each.startswith("fault ")] == [
        each for each in whole.warnings if each.startswith("fault ")
    ]
    require_same_past(found.base, found.branch, found.change, at)
