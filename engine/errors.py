"""Everything that perpsim raises on purpose, split by whose fault it is.

    PerpsimError
      +-- ConfigurationError     the configuration (every problem at once)
      |     +-- UnknownMetric    a condition that cannot be judged here
      +-- DataError              the market data
      |     +-- FileFormatError  one place in an imported file
      +-- StrategyError          the strategy program raised or returned nonsense
      |     +-- ProgramError     its source text cannot be used (every problem at once)
      |     +-- ProgramFailed    it failed in a process of its own
      |           +-- ProgramLost    that process is gone or cannot be believed
      +-- SimulationError        a process broke the rules of simulated time
            +-- ProcessFailed      a process of the user's has raised an exception

SimPy re-raises a failed event's error as ``type(error)(*error.args)``: every class here takes its fields by
position, passes all of them on, and builds its text in ``__str__`` where that is more than the one text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .plain_values import printable


class PerpsimError(Exception):
    """Base of all errors that perpsim raises on purpose; its text is one a user can act on."""


class ConfigurationError(PerpsimError):
    """The configuration cannot be run; `problems` holds one sentence for each wrong field."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(map(printable, problems))  # each on one line, whatever a user has written
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(self.problems)


class UnknownMetric(ConfigurationError):
    """A condition compares what is not known here, such as what a wallet did: elsewhere it may be judged."""


class DataError(PerpsimError):
    """The market data cannot be used; its text says what is wrong and what to do."""


class FileFormatError(DataError):
    """An imported file is wrong at one place; `row` counts data rows from 1 (None: the file as a whole)."""

    def __init__(self, file: str, row: int | None, column: str | None, problem: str) -> None:
        self.file, self.row, self.column, self.problem = file, row, column, problem
        PerpsimError.__init__(self, file, row, column, problem)

    def __str__(self) -> str:
        place = [self.file]
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column is not None:
            place.append(f"column {self.column}")
        return printable(f"{', '.join(place)}: {self.problem}")  # titles and values are a stranger's


class StrategyError(PerpsimError):
    """The strategy failed at simulated time `timestamp_ms`; `line` is the program's own line where known."""

    def __init__(self, problem: str, timestamp_ms: int | None = None, line: int | None = None) -> None:
        self.problem, self.timestamp_ms, self.line = problem, timestamp_ms, line
        super().__init__(problem, timestamp_ms, line)

    def __str__(self) -> str:
        return self.problem


class ProgramFailed(StrategyError):
    """A program failed where its own error cannot be shown; `problem` is the whole text for the user."""


class ProgramLost(ProgramFailed):
    """What runs the program is gone or cannot be believed: the run cannot go on, whatever `on_strategy_error` says."""


class Problem(NamedTuple):
    """One finding in a program's source text: 1-based `line` and `column`, what is wrong, whether it forbids running
    ("error") or not ("warning"), and what to do instead where that is known.
    """

    line: int
    message: str
    severity: str = "error"
    column: int = 1
    hint: str = ""

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class ProgramError(StrategyError):
    """The source text of a program cannot be used; `problems` holds every finding."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        self.problem, self.timestamp_ms, self.line = "\n".join(map(str, problems)), None, None
        PerpsimError.__init__(self, self.problems)


class SimulationError(PerpsimError):
    """A process broke a rule of simulated time (past, wrong phase, not an integer); its text names it."""


class ProcessFailed(SimulationError):
    """A process of the user's own failed: `problem` is the whole text, with its name, when, where and what to do; the
    exception that it has raised, where there was one, is the `__cause__`.
    """

    def __init__(self, problem: str, process: str = "", timestamp_ms: int | None = None) -> None:
        self.problem, self.process, self.timestamp_ms = problem, process, timestamp_ms
        super().__init__(problem, process, timestamp_ms)

    def __str__(self) -> str:
        return self.problem
