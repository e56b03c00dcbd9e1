"""Every command of the command line at work on something, for campaigns that leave none out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from adapters.commands.command_line import main
from tests.support.command_files import fill_market, write_files
from tests.support.warm_commands import WarmCommands

_RANGE = "--symbol BTC --exchange binance --database {market}"

#: What each is called with; `fill_names` says what the names are.
EVERY_COMMAND = {
    "cache clear": "cache clear",
    "card": "card {files}/run.toml --trust --html {out}/card.html --json {out}/card.json --database {market}",
    "certify": "certify {files}/run.toml --trust --cuts 3 --json {out}/certificate.json --database {market}",
    "database create": "database create {new}",
    "diff": "diff 1 {files}/run.journal --trust --database {market}",
    "doctor": "doctor --database {market}",
    "download": "download --venue binanceusdm --symbol BTC/USDT:USDT --url {venue} --start 2024-01-01 "
    "--end 2024-01-01T20:00 --database {new}",
    "explain": "explain {files}/run.journal --trade 1",
    "factors list": "factors list",
    "factors preview": f"factors preview RSI14 {_RANGE} --period 15m",
    "factors rank": f"factors rank --factor RSI14 --factor close-open {_RANGE} --period 15m --json",
    "factors show": "factors show DI_SPREAD",
    "fields": "fields",
    "import": "import {files}/klines.csv --exchange binance --symbol BTC --database {new}",
    "inspect": "inspect --database {market}",
    "look": f"look {_RANGE} --at 2024-01-01T10:00:30Z --period 5m",
    "monte-carlo": "monte-carlo 1 --klines 2 --json {out}/markets.json --csv {out}/markets.csv --database {market}",
    "new": "new {out}/fresh --template multi",
    "replay": "replay {files}/run.journal",
    "report": "report 1 --html {out}/report.html --database {market}",
    "results": "results --database {market}",
    "results compare": "results --database {market} compare 1 2",
    "results export": "results export 1 --json {out}/exported.json --trades {out}/exported.csv --database {market}",
    "results list": "results list --sort total_pnl --json --database {market}",
    "results rename": "results rename 1 again --database {market}",
    "results show": "results --database {market} show 1 --breakdown",
    "run": "run {files}/run.toml --set scheduled_interval=60 --database {market} --save --json {out}/result.json "
    "--trades {out}/trades.csv --equity-csv {out}/equity.csv",
    "search": "search {files}/run.toml --set scheduled_interval=60 --vary slippage_percent=0,0.1 --sampler grid "
    "--database {market} --save --csv {out}/search.csv",
    "serve": "serve --port 0 --database {market}",
    "signals add": "signals add {files}/signals.toml --database {new}",
    "signals list": "signals list --database {market}",
    "signals preview": f"signals preview {_RANGE} --pool 1 --plot {{out}}/preview.svg",
    "signals show": "signals show 1 --database {market}",
    "studies": "studies --database {market}",
    "studies compare": "studies --database {market} compare 1 2",
    "studies draw": "studies draw 1 --report {out}/study.html --database {market}",
    "studies export": "studies export 1 --json {out}/study.json --csv {out}/study.csv --database {market}",
    "studies judge": "studies judge 1 --database {market}",
    "studies list": "studies list --json --database {market}",
    "studies rename": "studies rename 1 again --database {market}",
    "studies show": "studies --database {market} show 1 --sort total_pnl",
    "studies trials": "studies trials 1 --csv --database {market}",
    "stress": "stress {files}/run.toml --trust --workers 1 --fault outage --fault rejects:25 --json {out}/stress.json "
    "--html {out}/stress.html --database {market}",
    "sweep": "sweep {files}/run.toml --vary fee_rate=0.01,0.02 --workers 1 --trust --database {market} --save "
    "--json {out}/sweep.json --csv {out}/sweep.csv",
    "synth": "synth --days 5 --symbol BTC --period 1m --period 1h --database {new}",
    "validate": "validate {files}/program.py",
    "what-if": "what-if 1 --at 2024-01-01T09:00:00Z --set slippage_percent=0.2 --fault outage:1h --trust "
    "--database {market} --json {out}/what_if.json",
    "walk-forward": "walk-forward {files}/run.toml --train 6h --test 3h --vary slippage_percent=0,0.1 --trust "
    "--workers 1 --metric total_pnl_percent --database {market} --json {out}/walk.json",
}

#: A pool that has values where there are klines alone.
OF_KLINES = """
[[signal]]
name = "dip"
condition = { metric = "indicator:RSI14", operator = "<", threshold = 45, time_window = "5m" }

[[pool]]
name = "entries"
signals = ["dip"]
symbols = ["BTC"]
"""
#: Not one that ends by itself.
ENDLESS = "serve"
#: What cannot be done again: in one transaction, as its own test tells.
ONCE = ("results delete", "studies delete")


def commands_of_the_parser() -> Iterator[str]:
    """Yield the names of all commands that do something."""
    yield from _leaves(main, click.Context(main), "")


def _leaves(group: click.Group, context: click.Context, before: str) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield f"{before}{name}"
        if isinstance(command, click.Group):
            yield from _leaves(command, context, f"{before}{name} ")


def fill_names(folder: Path, warm: WarmCommands, market: str, venue: str) -> dict[str, object]:
    """Make the files and fill the market with all that the commands need; give the names, but for `new`, a database
    with nothing in it.
    """
    files, out = folder / "files", folder / "out"
    files.mkdir()
    out.mkdir()
    write_files(files)
    (files / "signals.toml").write_text(OF_KLINES)
    fill_market(market)
    warm.done("signals", "add", files / "signals.toml", "--database", market)
    for _ in range(2):
        run = ("run", files / "run.toml", "--trust", "--save", "--quiet", "--journal", files / "run.journal")
        warm.done(*run, "--database", market)
        # over midnight: it takes two daily returns to be judged
        days = ("--set", "end_time=2024-01-02T09:00:00Z", "--metric", "total_pnl_percent")
        sweep = ("sweep", files / "run.toml", "--vary", "fee_rate=0.01,0.02", "--workers", "1", "--trust", "--quiet")
        warm.done(*sweep, *days, "--save", "--database", market)
    return {"files": files, "out": out, "market": market, "venue": venue}
