"""The studies that a database keeps, by id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine import BacktestConfig, BacktestResult, DataError
from engine.plain_values import counted

from ..database import Database
from ..studies import Study, UnknownStudy, list_studies, read_study, rename_study
from ..trials import Trial, TrialRunner, ground_fields, stored_job
from .given_study import given_store
from .workspace import Workspace

if TYPE_CHECKING:
    import pandas

_SHOWN = 20
_TIMES = ("start_time", "end_time", "created_at")


class StoredStudies(Mapping[int, Study]):
    """The studies of a database by id, newest first: ``studies[3]`` is a `Study` with all its trials, and
    ``studies.frame`` lists them. An unknown id is an `UnknownStudy`, which is a `KeyError`.

    A trial of it is run again (``studies[3].best.result``) on what is stored in `market`, or else beside it.
    """

    def __init__(self, database: Database, market: Database | None = None) -> None:
        self._database, self._market = database, market or database
        list_studies(database, 1)

    def __getitem__(self, study_id: int) -> Study:
        if isinstance(study_id, bool) or not hasattr(study_id, "__index__"):  # numpy's whole numbers come out of frames
            raise UnknownStudy(f"{study_id!r} is no id of a study: ids are whole numbers, as in studies[3]")
        study, plan = read_study(self._database, index(study_id))
        study.run_again = _StoredRun(self._market, study, plan["programs"])
        return study

    def __iter__(self) -> Iterator[int]:
        return iter([int(row["id"]) for row in list_studies(self._database)])

    def __len__(self) -> int:
        return len(list_studies(self._database))

    def __contains__(self, study_id: object) -> bool:
        return study_id in list(self)

    @property
    def newest(self) -> Study:
        """The study that was begun last."""
        newest = next(iter(self), None)
        if newest is None:
            raise UnknownStudy(f"{self._database.name} holds no study yet")
        return self[newest]

    def rename(self, study_id: int, label: str | None) -> None:
        """Give a study a label, or none."""
        rename_study(self._database, study_id, label)

    @property
    def frame(self) -> pandas.DataFrame:
        """All of them as a frame by id, newest first: what each was, how far it came, and its best trial."""
        import pandas

        rows = list_studies(self._database)
        for row in rows:
            row["best"] = ", ".join(f"{name}={value}" for name, value in row["best"].items())
        columns = [*rows[0]] if rows else ["id", "kind", "status", "label", *_TIMES]
        frame = pandas.DataFrame(rows, columns=columns)
        for name in _TIMES:
            frame[name] = pandas.to_datetime(frame[name], utc=True).astype("datetime64[ms, UTC]")
        return frame.set_index("id")

    def __repr__(self) -> str:
        count = len(self)
        more = count - _SHOWN
        head = f"{counted(count, 'study', 'studies')} in {self._database.name}"
        lines = str(self.frame.head(_SHOWN)) if count else ""
        return "\n".join(filter(None, [head, lines, f"and {more:,} older ones" if more > 0 else ""]))

    def _repr_html_(self) -> str:
        table: str = self.frame.head(_SHOWN).to_html()
        return table


@dataclass(frozen=True)
class _StoredRun:
    """Runs trials of a stored study again."""

    market: Database
    study: Study
    programs: Mapping[str, Any]

    def __call__(self, trial: Trial) -> BacktestResult:
        config = self.study.config
        if config.get("code") is None:
            raise DataError(
                f"the program of study {self.study.study_id} was the class {config.get('strategy')}, whose text is not "
                f"stored: run it with perpsim.backtest, params={dict(trial.params)!r} and fields {dict(trial.fields)!r}"
            )
        names = self.study.given or tuple(config)
        given = {name: config[name] for name in names if config[name] is not None or name == "scheduled_interval"}
        whole = BacktestConfig.from_dict(given)
        job = stored_job(self.market, whole, programs=self.programs, varied=[ground_fields(trial.ground)])
        with TrialRunner(job) as runner:
            return runner.result(trial)


def studies(
    url: str | Path | Database | Workspace, market: str | Path | Database | Workspace | None = None
) -> StoredStudies:
    """Return the studies that are stored in a database, by id: ``perpsim.studies("sqlite:///market.db")[3]``. `market`
    is the database that they ran on, where it is another one.
    """
    database = given_store(url)
    assert database is not None
    return StoredStudies(database, given_store(market))
