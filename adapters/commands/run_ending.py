"""The end of a run: its result is stored, shown and written, each by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click

from engine import BacktestResult, DataError, MarketHistory, PerpsimError

from .. import results  # a name of it is imported when it is used
from ..configuration import ConfigFile
from ..output import without_secrets
from ..runs import let_go
from ..terminal import STANDARD_OUTPUT, output_problem, written_to
from .report_command import say_shown


@dataclass
class RunEnding:
    """What is to be shown and written of a result, `by` what parts of its trades, too; `saved` is where it is stored,
    None where it is not. `whole` is the result of a run that is over, while others are made to tell its range.
    """

    source: ConfigFile
    market: MarketHistory
    json: Path | None
    trades: Path | None
    equity_csv: Path | None
    records: Path | None
    journal: Path | None
    plot: Path | None
    report: Path | None
    is_shown: bool
    timing: bool
    all_triggers: bool
    table: bool
    by: Sequence[str] = ()
    saved: results.StoredRun | None = None
    whole: BacktestResult | None = None

    def finish(self, result: BacktestResult) -> bool:
        """Store the result before anything is shown or written, then show and write all of it.

        What fails does not keep the rest from being done, and is told at the end, in one message; returns whether all
        was done. A database that has gone away is tried again when everything else is there, but not after Ctrl-C; what
        Ctrl-C has cut is tried once more.
        """
        if self.saved is None:
            return _tell(self._deliver(result))
        try:
            unsaved = self._save(self.saved, result)
        except KeyboardInterrupt as error:  # of a run that was over: what it has cut is tried once more, at the end
            let_go(error)
            problems = self._deliver(result)
            unsaved = self._save(self.saved, result)
            _tell([*problems, *([] if unsaved is None else [unsaved])])
            raise
        problems = self._deliver(result)
        if unsaved is not None and not result.interrupted:
            unsaved = self._save(self.saved, result, results.PATIENCE_S)
        if unsaved is None:
            problems += _attempted(partial(self._say_stored, self.saved))
        else:
            problems.append(unsaved)
        return _tell(problems)

    def _save(self, saved: results.StoredRun, result: BacktestResult, patience_s: float = 0.0) -> Exception | None:
        try:
            saved.complete(result, patience_s)
        except DataError as error:
            return DataError(f"the run is not stored as result {saved.run_id}: {error}")
        return None

    def _deliver(self, result: BacktestResult) -> list[Exception]:
        """Show and write all of it, what takes longest last; return what went wrong."""
        return [problem for step in self._steps(result) for problem in _attempted(step)]

    def _steps(self, result: BacktestResult) -> Iterator[Callable[[], None]]:
        config = self.source.config
        language = " (platform)" * (config.language == "platform")
        title = f"{self.source.program.name}{language} on {config.exchange}: {', '.join(config.symbols)}"
        if self.table:
            yield partial(_show, result, title, self.by, self._is_piped)
        if result.error is not None:
            yield partial(click.echo, f"Error: {result.error}", err=True)
        writers: Sequence[tuple[Path | None, Callable[[Path], None]]] = (
            (self.journal, partial(results.write_journal, result)),  # it tells the head, which the JSON has
            (self.json, lambda path: results.write_result_json(result, path, self.timing, self.all_triggers)),
            (self.trades, partial(results.write_trades_csv, result.trades)),
            (self.equity_csv, partial(results.write_equity_csv, result)),
            (self.records, partial(results.write_records_csv, result)),
            (self.plot, lambda path: results.draw_equity(result, self.market, path, title)),
        )
        for path, write in writers:
            if path is not None:
                yield partial(written_to, path, write)
        if self.report is not None or self.is_shown:
            yield partial(self._report, result)

    @property
    def _is_piped(self) -> bool:
        """Whether a file goes to standard output: then nothing else does."""
        files = (self.json, self.trades, self.equity_csv, self.records, self.journal, self.report)
        return STANDARD_OUTPUT in files

    def _report(self, result: BacktestResult) -> None:
        from ..report import result_page  # what else a run does not need

        shown = result if self.timing else replace(result, execution_time_ms=None)
        page = result_page(shown, self.market)
        if self.report is not None:
            written_to(self.report, page.save)
        if self.is_shown:
            say_shown(page.save_aside() if self.report is None else self.report)

    def _say_stored(self, saved: results.StoredRun) -> None:
        if self.table:
            click.echo(f"Stored as result {saved.run_id}", err=self._is_piped)
            _require_written()


def _show(result: BacktestResult, title: str, by: Sequence[str], on_error: bool) -> None:
    console = results.result_console(on_error)
    results.print_result(result, title, console)
    if by:
        results.print_breakdown(result.figures(), by, console)
    _require_written()


def _require_written() -> None:
    problem = output_problem()
    if problem is not None:
        raise DataError(problem)


def _attempted(step: Callable[[], None]) -> list[Exception]:
    try:
        step()
    except Exception as error:  # whatever it is, the other steps are still to be done; `_tell` tells it
        return [error]
    return []


def _tell(problems: list[Exception]) -> bool:
    """Tell what went wrong in one message, each thing once; a defect of perpsim is raised after that."""
    known = [str(each) for each in problems if isinstance(each, (PerpsimError, OSError))]
    if known:
        click.echo(without_secrets(f"Error: {'; '.join(dict.fromkeys(known))}"), err=True)
    for each in problems:
        if not isinstance(each, (PerpsimError, OSError)):
            raise each
    return not problems
