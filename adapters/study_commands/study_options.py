"""Options that the commands of many runs share, and how each of them begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

from engine import ConfigurationError, validate_program
from engine.plain_values import shown
from engine.profiles import PROFILES
from engine.result import program_name

from .. import results  # a name of it is imported when it is used
from ..configuration import ConfigFile, read_config_file, read_text
from ..database import Database, open_database
from ..output import require_matplotlib
from ..sandbox import Sandbox
from ..studies import Metric, Parameter, parse_metric, parse_parameter, require_known, varied_grounds
from ..terminal import (
    INPUT_FILE,
    OUTPUT_FILE,
    OUTPUT_OR_DASH,
    database_option,
    picture_file,
    require_one_for_standard_output,
    writable_file,
)
from ..trials import Job, Trial, stored_job

Command = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class StudyRequest:
    """What the shared options of a command say; `parameters` are those of --param and then those of --vary."""

    database_url: str
    config: Path = Path()
    overrides: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    metrics: tuple[Metric, ...] = ()
    workers: int | None = None
    cluster: str | None = None
    save: bool = False
    results_url: str | None = None
    label: str | None = None
    trust: bool = False
    quiet: bool = False
    json: Path | None = None
    csv: Path | None = None
    plot: Path | None = None
    report: Path | None = None

    @property
    def store(self) -> Database | None:
        """The database that keeps the study, None where it is not to be kept."""
        if not self.save and self.results_url is None:
            return None
        return self.required_store

    @property
    def required_store(self) -> Database:
        """The database that studies are kept in."""
        return open_database(self.results_url or self.database_url)


class StudyBeginning(NamedTuple):
    """What a command of many runs begins with: the file, what varies, and the job of all trials."""

    source: ConfigFile
    parameters: tuple[Parameter, ...]
    job: Job

    @property
    def subject(self) -> str:
        """What is run, and on what, by the name of the program's file."""
        config = self.source.config
        return f"{self.source.program.name} on {config.exchange}: {', '.join(config.symbols)}"

    def title(self, what: str) -> str:
        """Return what is run, on what and when, in one line."""
        config = self.source.config
        program = program_name(config.to_dict()) or self.source.program.name
        period = results.period_text(config.start_ms, config.end_ms)
        return f"{what} of {program} on {config.exchange}: {', '.join(config.symbols)}, {period}"


def _parameters(is_field: bool) -> Callable[..., tuple[Parameter, ...]]:
    def parsed(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[Parameter, ...]:
        try:
            return tuple(parse_parameter(text, is_field) for text in texts)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error

    return parsed


def _metrics(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[Metric, ...]:
    try:
        return tuple(map(parse_metric, texts))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _label(context: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    try:
        return None if text is None else results.checked_label(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


_OPTIONS: Mapping[str, Callable[[Command], Command]] = {
    "config": click.argument("config", type=INPUT_FILE, metavar="CONFIG.toml"),
    "database": database_option,
    "param": click.option(
        "--param", "params", multiple=True, metavar="NAME=VALUES", callback=_parameters(False),
        help="Vary a parameter of the program: low:high:step, a,b,c, int(low,high) or float(low,high); 0.5% is 0.005; "
        "repeatable.",
    ),
    "vary": click.option(
        "--vary", multiple=True, metavar="FIELD=VALUES", callback=_parameters(True),
        help="Vary a field of the configuration in the same way; strategy=a.py,b.py are programs beside the file; "
        "repeatable.",
    ),
    "metric": click.option(
        "--metric", "metrics", multiple=True, metavar="FIGURE", callback=_metrics, default=("sharpe_ratio",),
        show_default="sharpe_ratio",
        help="What is best: a figure that perpsim explain lists, or min:FIGURE or max:FIGURE.",
    ),
    "set": click.option(
        "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Override a key of the file; repeatable."
    ),
    "profile": click.option(
        "--profile", type=click.Choice(list(PROFILES)), help="Run as the live platform does; keys given win."
    ),
    "workers": click.option(
        "--workers", type=click.IntRange(min=1), metavar="N",
        help="So many processes of this machine; default: all cores.",
    ),
    "cluster": click.option(
        "--cluster", metavar="ADDRESS", help="Run on the workers of a Dask scheduler instead: tcp://HOST:8786."
    ),
    "save": click.option("--save", is_flag=True, help="Store the study in the database."),
    "results": click.option(
        "--results", "results_url", metavar="URL", help="Store it in this database instead; implies --save."
    ),
    "label": click.option("--label", callback=_label, metavar="TEXT", help="What it is called in lists."),
    "json": click.option(
        "--json", type=OUTPUT_OR_DASH, callback=writable_file, metavar="FILE",
        help="Write the study as JSON; FILE may be -, standard output.",
    ),
    "csv": click.option(
        "--csv", type=OUTPUT_OR_DASH, callback=writable_file, metavar="FILE",
        help="Write its trials as CSV, one a row; FILE may be -.",
    ),
    "plot": click.option(
        "--plot", type=OUTPUT_FILE, callback=picture_file, metavar="FILE",
        help="Draw it: heat map, parallel coordinates, importance (svg, or with matplotlib png or pdf).",
    ),
    "report": click.option(
        "--report", type=OUTPUT_OR_DASH, callback=writable_file, metavar="FILE",
        help="Write its page: an HTML file with pictures, all trials and the configuration.",
    ),
    "trust": click.option(
        "--trust", is_flag=True, help="Run programs without a sandbox: for programs of your own only."
    ),
    "quiet": click.option("--quiet", is_flag=True, help="No table and no progress bar."),
}  # fmt: skip


def with_study_options(*without: str) -> Callable[[Command], Command]:
    """Give a command the shared options but for those named: it is called with a `StudyRequest` as `request`, and with
    what its own options say.
    """

    def decorated(command: Command) -> Command:
        @wraps(command)  # with its own options
        def called(
            params: tuple[Parameter, ...] = (),
            vary: tuple[Parameter, ...] = (),
            overrides: tuple[str, ...] = (),
            profile: str | None = None,
            **given: Any,
        ) -> Any:
            shared = {name: given.pop(name) for name in StudyRequest.__dataclass_fields__ if name in given}
            if profile is not None:
                overrides = (*overrides, f"profile={profile}")
            request = StudyRequest(parameters=(*params, *vary), overrides=overrides, **shared)
            _require_fit(request)
            return command(request=request, **given)

        options = [option for name, option in _OPTIONS.items() if name not in without]
        made: Command = called
        for option in reversed(options):
            made = option(made)
        return made

    return decorated


def _require_fit(request: StudyRequest) -> None:
    require_one_for_standard_output((request.json, request.csv, request.report))
    if request.label is not None and not (request.save or request.results_url):
        raise click.UsageError("--label is of what is stored: add --save, or --results URL")
    if request.plot is not None and request.plot.suffix.lower() != ".svg":
        require_matplotlib()
    if request.workers is not None and request.cluster is not None:
        raise click.UsageError("give either --workers (processes of this machine) or --cluster, not both")


def begin_study(request: StudyRequest, *, curve_points: int = 0, keep_trades: bool = False) -> StudyBeginning:
    """Read the configuration, look at its programs, in a sandbox where they are not trusted, check what varies, and
    load the market of every ground; remarks go to standard error.

    Raises `ConfigurationError` and `DataError` for what cannot be run.
    """
    source = read_config_file(request.config, request.overrides)
    programs = _programs(source, request.parameters)
    texts = list(programs.values()) or [source.config.code or ""]
    require_known(request.parameters, source.config.params, texts)
    with ThreadPoolExecutor(1) as background:
        found = background.submit(_looked_at, source, request.parameters, programs, request.trust)
        job = stored_job(
            open_database(request.database_url, read_only=True),
            source.config,
            trust=request.trust,
            curve_points=curve_points,
            keep_trades=keep_trades,
            programs=programs,
            varied=varied_grounds(request.parameters),
        )
        for remark in found.result():
            click.echo(f"Note: {remark}", err=True)
    return StudyBeginning(source, request.parameters, job)


def _programs(source: ConfigFile, parameters: tuple[Parameter, ...]) -> dict[str, str]:
    """Return the source texts of the files that the field `strategy` varies over, by their names in it."""
    found, problems = {}, []
    for name in next((each.grid() for each in parameters if each.is_field and each.name == "strategy"), ()):
        if not isinstance(name, str):
            problems.append(f"strategy: {shown(name)} is no name of a file")
            continue
        try:
            found[name] = read_text(source.path.parent / name)
        except ValueError as error:
            problems.append(f"strategy: {source.path.parent / name} {error}")
    if problems:
        raise ConfigurationError(problems)
    return found


def _looked_at(
    source: ConfigFile, parameters: tuple[Parameter, ...], programs: Mapping[str, str], trust: bool
) -> list[str]:
    """Return what is to be known of the programs. Raises `ConfigurationError` with what is wrong with them."""
    values = {each.name: each.values[0] if each.values else each.low for each in parameters if not each.is_field}
    config = Job(source.config, {}).config_of(Trial(0, {}, values))
    files = {source.path.parent / name: text for name, text in programs.items()} or {source.program: config.code or ""}
    with nullcontext() if trust else Sandbox() as sandbox:
        validate = validate_program if sandbox is None else sandbox.validate
        found = [
            replace(source, config=config, program=path).remarks(validate(text, config.language))
            for path, text in files.items()
        ]
    return [remark for remarks in found for remark in remarks]
