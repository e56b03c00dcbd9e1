"""The check that the recorded decisions come to the same in worlds that differ in nothing that matters."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from simpy import Event

from engine import BacktestConfig, MarketHistory, Simulation, SymbolHistory
from engine.periods import DAY_MS, HOUR_MS
from engine.plain_values import shown

from ..trials import Ground, Job, Trial, TrialOutcome
from .certificate_check import CertificateCheck, Verdict
from .differing_journals import first_difference
from .proof_subject import ProofSubject, Reruns
from .reruns import RecordedDecisions, Units, market_in, recorded_signals, remembered_of

NAME, TITLE = "laws", "Metamorphic laws"
PROVES = (
    "The same decisions come to the same in other units of price, other weeks, beside an unused symbol, with twice the "
    "account (to twice the money), and beside a process that does nothing"
)
_PRICE, _MONEY, _WEEKS = 1_024.0, 2.0, 8
_UNUSED = "UNUSED"
_IDLE_WORDS = "a process that does nothing"
_NAMES = ("without a process that does nothing", "with one")


class Law(NamedTuple):
    """A world that differs in nothing that matters: what it is called, its units, and whether a symbol is added."""

    words: str
    units: Units = Units()
    adds_symbol: bool = False


LAWS = (
    Law("recorded decisions"),
    Law("prices x 1,024", Units(price=_PRICE)),
    Law(f"{_WEEKS} weeks later", Units(later_ms=_WEEKS * 7 * DAY_MS)),
    Law("an unused symbol", adds_symbol=True),
    Law("a doubled account", Units(money=_MONEY)),
)


class Tried(NamedTuple):
    """What came of a law: what is another in its world, or why it could not be tried."""

    words: str
    differs: str | None = None
    problem: str | None = None


def laws_check(subject: ProofSubject) -> CertificateCheck:
    """Return the check of a subject: its decisions again in each world, and its run beside an idle process."""
    tried = [subject.found(idle_reruns(subject))[0], *_recorded_again(subject)]
    failures = [f"{each.words}: {each.differs}" for each in tried if each.differs is not None]
    held = [each.words for each in tried if each.differs is None and each.problem is None]
    not_shown = [f"{each.words}: {each.problem}" for each in tried if each.problem is not None]
    evidence = {"laws": [each._asdict() for each in tried]}
    if failures:
        return CertificateCheck(NAME, TITLE, PROVES, Verdict.FAILED, "; ".join(failures), not_shown, evidence)
    reason = f"the same fills and the same money with {', '.join(held)}"
    return CertificateCheck(NAME, TITLE, PROVES, Verdict.PASSED, reason, not_shown, evidence)


@dataclass(frozen=True, slots=True)
class Idle:
    """Adds a process that wakes every hour and does nothing."""

    def __call__(self, simulation: Simulation) -> None:
        """Announce it."""
        simulation.process_named("certificate: does nothing", _doing_nothing)


def _doing_nothing(sim: Simulation) -> Generator[Event, Any, None]:
    while sim.now + HOUR_MS <= sim.end_ms:
        yield sim.at(sim.now + HOUR_MS)


def idle_reruns(subject: ProofSubject) -> Reruns:
    """Return the run beside a process that does nothing."""
    end_ms = subject.job.config.end_ms
    trial = Trial(0, stop_ms=end_ms, prepare=Idle(), known_line=subject.line_before(end_ms))
    return Reruns("running beside an idle process", [trial], lambda outcome: _beside_idle(subject, outcome))


def _beside_idle(subject: ProofSubject, outcome: TrialOutcome) -> Tried:
    if outcome.digest is None:
        return Tried(_IDLE_WORDS, problem=shown(outcome.error, 300))
    if not outcome.journal:  # the known one
        return Tried(_IDLE_WORDS)
    found = first_difference(subject.journal[0], outcome.journal.splitlines(), _NAMES)
    return Tried(_IDLE_WORDS, None if found is None else f"line {found.line} of the journal differs: {found.words}")


def _recorded_again(subject: ProofSubject) -> Iterator[Tried]:
    if _has_own_processes(subject.job):
        yield Tried("recorded decisions", problem="processes of one's own may act on what they see of the market")
        return
    found = subject.found(law_reruns(subject))
    for place, law in enumerate(LAWS):
        problem = _problem(subject.job, law)
        tried = found[place] if problem is None else Tried(law.words, problem=problem)
        yield tried
        if law is LAWS[0] and (tried.differs is not None or tried.problem is not None):
            return


def _has_own_processes(job: Job) -> bool:
    """Tell whether processes of the user's own act in a run, faults among them."""
    return job.prepare is not None or any(each.is_own for each in job.config.faults)


def _problem(job: Job, law: Law) -> str | None:
    """Return why a law need not hold for a job, None where it must."""
    config, units = job.config, law.units
    kinds = {each.kind for each in config.faults}
    if "clock_skew" in kinds:
        return "they go by the time that the program is told, which clock_skew changes"
    if law is LAWS[0]:
        return None
    if config.venue is not None or job.rules is not None:
        return "a rule book has steps, tiers and dates of its own"
    if job.models is not None:
        return "execution models of one's own may know prices, times and sizes"
    if units.later_ms and config.latency_model == "lognormal":
        return "latencies are drawn anew at other times"
    if units.later_ms and config.faults:
        return "faults stay at their instants, and what chance does in them is drawn from these"
    has_cap = config.volume_cap_percent is not None or "partial_volume" in kinds
    is_thin = has_cap or config.slippage_model == "volume_share"
    return "larger orders move the market further" if units.money != 1.0 and is_thin else None


@dataclass(frozen=True, slots=True)
class OtherWorld:
    """Puts a market into other units of price, as much later, with a symbol that nobody uses beside `first` where that
    is named.
    """

    units: Units
    first: str | None = None

    def applied(self, market: MarketHistory) -> MarketHistory:
        """Return the changed market; without features, which only a program asks for."""
        changed = market_in(market, self.units)
        if self.first is None:
            return changed
        unused = SymbolHistory(_UNUSED, market.symbols[self.first].base.columns)
        return MarketHistory([*changed.symbols.values(), unused], changed.regime)


def law_reruns(subject: ProofSubject, laws: Sequence[Law] | None = None) -> Reruns:
    """Return the recorded decisions in the world of each of some laws, by its place in `LAWS`: by default of those that
    must hold, none where processes of one's own act.
    """
    job = subject.job
    if laws is None:
        laws = [law for law in LAWS if not _has_own_processes(job) and _problem(job, law) is None]
    return Reruns(
        "running with recorded decisions",
        [_law_trial(job.config, LAWS.index(law), law) for law in laws],
        lambda outcome: _judged(subject, LAWS[outcome.number], outcome),
        _job_of(subject, laws) if laws else None,
    )


def _law_trial(config: BacktestConfig, number: int, law: Law) -> Trial:
    first = config.symbols[0] if law.adds_symbol else None
    fields = {"strategy": law.words, "strategy_lifetime": "run"}
    return Trial(number, fields, ground=law.words, change=OtherWorld(law.units, first), stop_ms=2**62)


def _judged(subject: ProofSubject, law: Law, outcome: TrialOutcome) -> Tried:
    """Hold what came of the recorded decisions in the world of a law against what must."""
    if outcome.digest is None or outcome.error is not None:
        return Tried(law.words, problem=shown(outcome.error or "it came to no result", 300))
    ours, theirs = _fills(subject.journal[0]), _fills(outcome.journal.splitlines())
    expected = [_in_units(each, law.units) for each in ours]
    return Tried(law.words, _other(expected, theirs) or _other_money(subject, outcome, law.units))


def _job_of(subject: ProofSubject, laws: Sequence[Law]) -> Job:
    """Return the job of the recorded decisions: a ground and a program for each law."""
    ground, records = subject.ground, [*subject.result.trigger_log.records]
    remembered = remembered_of(records)
    market = MarketHistory(ground.market.given.values(), ground.market.regime)  # functions of features stay here
    grounds = {}
    for law in laws:
        signals = recorded_signals(records, law.units) if ground.signals else []
        grounds[law.words] = Ground(market, signals, (), _fields(subject.job.config, law))
    programs = {law.words: RecordedDecisions(remembered, law.units) for law in laws}
    return replace(subject.job, grounds=grounds, programs=programs, database=None)


def _fields(config: BacktestConfig, law: Law) -> dict[str, Any]:
    """Return the fields of a configuration in the world of a law."""
    units = law.units
    fields: dict[str, Any] = {
        "start_time": config.start_ms + units.later_ms,
        "end_time": config.end_ms + units.later_ms,
        "initial_balance": config.initial_balance * units.money,
    }
    for name in ("max_position_usd", "max_daily_loss_usd"):
        value = getattr(config, name)
        fields |= {} if value is None else {name: value * units.money}
    return {**fields, "symbols": [*config.symbols, _UNUSED]} if law.adds_symbol else fields


Fill = Mapping[str, Any]


def _fills(lines: Sequence[bytes]) -> list[Fill]:
    records = (json.loads(line) for line in lines if b'"message":"f' in line)
    return [each for each in records if each["message"] in ("fill", "funding")]


_FACTORS: Mapping[str, Callable[[Units], float]] = {
    "size": lambda units: units.coins,
    "price": lambda units: units.price,
    "fee": lambda units: units.money,
    "pnl": lambda units: units.money,
    "amount": lambda units: units.money,
}
_SAME = ("message", "symbol", "side", "purpose")


def _in_units(fill: Fill, units: Units) -> dict[str, Any]:
    """Return what a fill or a payment must be in other units."""
    told = {name: fill.get(name) for name in _SAME}
    told["at"] = fill["at"] + units.later_ms
    for name, factor in _FACTORS.items():
        value = fill.get(name)
        told[name] = None if value is None else value * factor(units)
    return told


def _other(expected: Sequence[Mapping[str, Any]], found: Sequence[Fill]) -> str | None:
    for place, (one, two) in enumerate(zip(expected, found, strict=False)):
        names = [name for name, value in one.items() if value != two.get(name)]
        if names:
            told = ", ".join(f"{name} {shown(two.get(name))} in place of {shown(one[name])}" for name in names)
            return f"fill {place + 1} ({one['symbol']}) has {told}"
    return None if len(expected) == len(found) else f"{len(found)} fills in place of {len(expected)}"


def _other_money(subject: ProofSubject, outcome: TrialOutcome, units: Units) -> str | None:
    expected, found = subject.result.final_equity * units.money, outcome.figures["final_equity"]
    return None if found == expected else f"equity at the end is {found!r} USD in place of {expected!r}"
