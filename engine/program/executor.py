"""Programs and where they run: the interface behind which a strategy, a class or source text, is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from itertools import islice
from typing import Any, Protocol

from ..contract import Decision
from ..errors import StrategyError
from ..plain_values import printable
from .market_data import MarketData
from .parameters import ParameterReads, Parameters
from .program_text import definition_line, readable
from .simulated_world import SimulatedWorld

MAX_DECISIONS = 1_000
MAX_LOG_LINES = 200
MAX_LOG_LENGTH = 2_000


#: What a program answers: nothing, a decision, or several.
Answer = Decision | tuple[Decision, ...] | None


def answer_problem(answer: object) -> str | None:
    """Return what is wrong with what a program has answered, or None."""
    if answer is None or isinstance(answer, Decision):
        return None
    if not isinstance(answer, (list, tuple)):
        return f"should_trade returned {readable(type(answer).__name__)}, not a Decision"
    if len(answer) > MAX_DECISIONS:
        return f"should_trade returned {len(answer):,} decisions; at most {MAX_DECISIONS:,} are taken at once"
    foreign = next((each for each in answer if not isinstance(each, Decision)), None)
    if foreign is None and all(isinstance(each, Decision) for each in answer):
        return None
    return f"should_trade returned a list with {readable(type(foreign).__name__)} in it, not only Decisions"


class Strategy:
    """A trading program: `init` is called once with the configured parameters, `should_trade` at every trigger."""

    def init(self, params: Mapping[str, Any]) -> None:
        """Take the configured parameters; does nothing here."""

    def should_trade(self, data: MarketData) -> Decision | list[Decision] | None:
        """Return what to do now, or several things that are done one after another; None means hold."""
        raise NotImplementedError


class ProgramLog:
    """What a program logs at one trigger: at most 200 lines of 2,000 characters, control characters escaped."""

    __slots__ = ("_dropped", "_lines", "has_lines")

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._dropped = 0
        #: Whether there are lines to take: to be read, not set.
        self.has_lines = False

    def write(self, *parts: object, sep: str | None = " ", **_: object) -> None:
        """Add a line made of `parts` with `sep` between; takes the other keywords of `print` and ignores them."""
        if len(self._lines) >= MAX_LOG_LINES:
            self._dropped += 1
            return
        between = " " if sep is None else "".join((str(sep), ""))  # a text of a class of its own is asked for nothing
        text = between.join(str(part) for part in parts)
        self._lines.append(printable(readable(text), MAX_LOG_LENGTH))
        self.has_lines = True

    def restore(self, lines: Iterable[str]) -> None:
        """Put lines in the place of what is there that were taken from a log elsewhere; they are cleaned again."""
        self._lines = [printable(line, 6 * MAX_LOG_LENGTH) for line in islice(lines, MAX_LOG_LINES + 1)]
        self._dropped, self.has_lines = 0, bool(self._lines)

    def take(self) -> tuple[str, ...]:
        """Return the lines since the last call and forget them."""
        if not self._lines:
            return ()
        lines = [*self._lines, *([f"... {self._dropped} more lines"] if self._dropped else [])]
        self._lines, self._dropped, self.has_lines = [], 0, False
        return tuple(lines)


class ProgramExecutor(Protocol):
    """Runs one program for one back-test: `start` prepares it, `execute` at each trigger, `finish` at the end.

    `execute` returns a `Decision`, several of them, or None for hold; anything the program does wrong is a
    `StrategyError`, also what it returns. What it asked `wake_at` for stands in the data afterwards. `log` holds what
    it logged since it was last taken, `parameters` which of these it has read.
    """

    log: ProgramLog
    parameters: ParameterReads

    def start(self, now: Callable[[], int]) -> None:
        """Make the program ready; `now` is the simulated time in epoch ms."""

    def execute(self, data: MarketData) -> Answer:
        """Ask the program for its decision."""

    def finish(self, whole: bool) -> str | None:
        """Release everything. Return what is wrong with a run that went to its end (`whole`), or None."""


def _copied(strategy: Any) -> Any:
    """Return a copy of an object that nobody has used; None for a class, which makes new ones."""
    try:
        return None if isinstance(strategy, type) else deepcopy(strategy)
    except Exception as error:  # its own methods may raise anything
        raise StrategyError(
            f"the strategy cannot be copied, which a restart needs ({type(error).__name__}: {printable(str(error))}): "
            "give its class"
        ) from error


class InProcessExecutor:
    """Runs a strategy class or object in this process, trusting it.

    With `fresh_each_time` each trigger gets an object of its own, as on the live platform; that needs a class. One that
    is started again begins without its state: of an object that takes a copy, made here if it `restarts`. While it is
    called, clocks and randomness are simulated (`SimulatedWorld`).
    """

    def __init__(
        self, strategy: Any, params: Mapping[str, Any], fresh_each_time: bool = False, restarts: bool = False
    ) -> None:
        if fresh_each_time and not isinstance(strategy, type):
            raise StrategyError("strategy_lifetime 'trigger' needs a class, not an object")
        self._strategy = strategy
        self._untouched = _copied(strategy) if restarts else None
        self._params = params
        self._fresh = fresh_each_time
        self._should_trade: Callable[[MarketData], object] | None = None
        self._ask: Callable[[MarketData], object] | None = None
        self.log, self.parameters = ProgramLog(), ParameterReads(params)
        self._world = SimulatedWorld()

    def start(self, now: Callable[[], int]) -> None:
        """Construct the strategy and call its `init`; a second time, what it has kept until then is lost."""
        if self._should_trade is not None and not isinstance(self._strategy, type):
            if self._untouched is None:
                raise StrategyError("an object cannot be started anew, as it keeps its state: give its class")
            self._strategy = deepcopy(self._untouched)
        self._world.begin()
        self._world.call(self._prepare, now, now())

    def _prepare(self, now: Callable[[], int]) -> None:
        self._ask = self._ask_anew if self._fresh else self._construct()

    def _construct(self) -> Callable[[MarketData], object]:
        strategy = self._strategy() if isinstance(self._strategy, type) else self._strategy
        init = getattr(strategy, "init", None)
        if init is not None:
            init(Parameters(self._params, self.parameters))
        self._should_trade = strategy.should_trade
        return self._should_trade

    def _ask_anew(self, data: MarketData) -> object:
        return self._construct()(data)

    def execute(self, data: MarketData) -> Answer:
        """Call `should_trade`; a result that is no decision, no list of them and not None raises `StrategyError`."""
        ask = self._ask
        if ask is None:
            raise StrategyError("the program was not started")
        answer = self._world.call(ask, data, data._clock)
        if answer is None or isinstance(answer, Decision):
            return answer
        problem = answer_problem(answer)
        if problem is not None:
            raise StrategyError(problem, data.timestamp, definition_line(self._should_trade))
        return tuple(answer) or None  # type: ignore[arg-type]

    def finish(self, whole: bool) -> str | None:
        """Give the generators of random numbers back as they were."""
        self._world.end()
        return None
