"""``perpsim new``."""

from __future__ import annotations

import json
import re
import shlex
from importlib.resources import files
from pathlib import Path

import click

from engine import DataError

#: What each template is about, and the symbols of its market.
TEMPLATES = {
    "trend": ("BTC", "ETH"),
    "grid": ("BTC",),
    "maker": ("BTC",),
    "signals": ("BTC", "ETH"),
    "multi": ("BTC", "ETH", "SOL"),
}
#: What its files end with, after the name; those that a template does not have are left out.
ENDINGS = (".py", ".toml", "_signals.toml")
_DATABASE = "--database sqlite:///market.db"
_DAYS = 90


@click.command("new")
@click.argument("name", type=click.Path(path_type=Path), metavar="NAME")
@click.option(
    "--template", type=click.Choice(list(TEMPLATES)), default="trend", show_default=True,
    help="What the program does to begin with.",
)  # fmt: skip
def new(name: Path, template: str) -> None:
    """Write a program, NAME.py, and its configuration, NAME.toml, which run as they are, and say how.

    \b
    trend    one position a symbol, by moving averages, with a stop
    grid     limit orders around the price, answered when they fill
    maker    a quote on both sides that follows the market
    signals  woken by a signal pool, which is written as well
    multi    several symbols, several decisions at once, sized by risk

    Nothing is written over what is there.
    """
    if name.suffix or not name.name or not name.name.isprintable():
        raise click.UsageError(f"{name} is no name for a program: give it without an ending, as in perpsim new dips")
    texts = _texts(name, template)
    there = next((path for path in texts if path.exists() or path.is_symlink()), None)
    if there is not None:
        raise click.UsageError(f"{there} is there already: nothing was written")
    for path, text in texts.items():
        _write(path, text)
    click.echo(f"{', '.join(map(str, texts))}: written. To run it on a made-up market:\n")
    for command in _commands(name, template):
        click.echo(f"    perpsim {command}")


def _texts(name: Path, template: str) -> dict[Path, str]:
    """Return what is written, by its path."""
    folder = files(__package__).joinpath("templates")
    found = {name.with_name(name.name + ending): folder.joinpath(template + ending) for ending in ENDINGS}
    in_toml = json.dumps(f"{name.name}.py", ensure_ascii=False)  # which TOML reads, whatever the name is made of
    names = {'"NAME.py"': in_toml, "NAME": name.name}
    return {
        path: re.sub(r'"NAME\.py"|NAME', lambda each: names[each[0]], text.read_text("utf-8"))
        for path, text in found.items()
        if text.is_file()
    }


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}") from error


def _commands(name: Path, template: str) -> list[str]:
    """Return what runs the program, in a folder without a database."""
    symbols = " ".join(f"--symbol {symbol}" for symbol in TEMPLATES[template])
    quoted = shlex.quote(str(name))
    adds = [f"signals add {quoted}_signals.toml {_DATABASE}"] if template == "signals" else []
    return [f"synth {_DATABASE} {symbols} --days {_DAYS}", *adds, f"run {quoted}.toml {_DATABASE}"]
