"""What the scenarios of orders are played on: a made-up market, or real klines from files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from adapters import draw_equity, print_result, read_kline_file, synthetic_klines
from engine import PERIOD_MS, BacktestConfig, BacktestResult, KlineColumns, MarketHistory
from processes import ProgramBacktestEngine

#: What an order costs: the fees of a small account, and no fill at a step that the venue does not have.
COSTS: dict[str, Any] = {
    "venue": "hyperliquid",
    "fee_model": "maker_taker",
    "fee_rate": 0.045,
    "maker_fee_rate": 0.015,
    "slippage_percent": 0.02,
    "funding": False,
}
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a scenario its two options: real klines, and a picture."""
    klines = click.option(
        "--klines",
        type=_FILE,
        multiple=True,
        metavar="FILE",
        help="Real 1m klines (parquet or CSV) in place of made-up ones: a file for each symbol, in their order.",
    )
    plot = click.option(
        "--plot",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Draw equity and drawdown (png, svg or pdf).",
    )
    return klines(plot(command))


def play(
    config: BacktestConfig, title: str, seed: int, files: Sequence[Path], plot: Path | None, warm_up_days: int = 1
) -> BacktestResult:
    """Run a configuration, on the whole range of the files where there are any, and print what came of it."""
    if files:
        config, market = _real(config, files, warm_up_days)
    else:
        market = _made_up(config, seed, warm_up_days)
    result = ProgramBacktestEngine(market).run(config)
    print_result(result, title)
    click.echo()
    if plot is not None:
        draw_equity(result, market, plot, title)
    return result


def _made_up(config: BacktestConfig, seed: int, warm_up_days: int) -> MarketHistory:
    first_ms = config.start_ms - warm_up_days * PERIOD_MS["1d"]
    minutes = (config.end_ms - first_ms) // PERIOD_MS["1m"]
    return MarketHistory.from_klines({name: synthetic_klines(name, first_ms, minutes, seed) for name in config.symbols})


def _real(config: BacktestConfig, files: Sequence[Path], warm_up_days: int) -> tuple[BacktestConfig, MarketHistory]:
    if len(files) != len(config.symbols):
        raise click.UsageError(f"--klines is needed {len(config.symbols)} times: for {', '.join(config.symbols)}")
    klines = dict(zip(config.symbols, (_read(path) for path in files), strict=True))
    first_ms = max(int(each.open_ms[0]) for each in klines.values()) + warm_up_days * PERIOD_MS["1d"]
    last_ms = min(int(each.open_ms[-1]) for each in klines.values()) + PERIOD_MS["1m"]
    if first_ms >= last_ms:
        raise click.UsageError(f"the files have no range in common that is longer than {warm_up_days} days")
    return replace(config, start_time=first_ms, end_time=last_ms), MarketHistory.from_klines(klines)


def _read(path: Path) -> KlineColumns:
    return read_kline_file(path, "1m").klines


def decided(result: BacktestResult) -> Iterator[dict[str, Any]]:
    """Go through everything that a program has decided, in order, as plain values."""
    for entry in result.trigger_log:
        for answer in entry.get("decisions", [entry]):
            if answer["decision"] is not None:
                yield answer["decision"]
