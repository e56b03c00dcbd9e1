"""What the reader of a README has before its first example: files of market data, or what the first run has left."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from click.testing import CliRunner

from adapters import main, open_database, read_config_file, synthetic_flow_history, synthetic_klines, write_klines
from engine import PERIOD_MS, KlineColumns
from engine.market import aggregate
from tests.conftest import ROOT
from tests.documents.readmes import Readme
from tests.support.klines import START_MS

DAY_MS, HOUR_MS = PERIOD_MS["1d"], PERIOD_MS["1h"]


def first_run(folder: Path) -> None:
    """The files that the first run of the main README shows, and as much of its market as they need."""
    for example in Readme(ROOT / "README.md").examples():
        if example.file is not None:
            (folder / example.file).write_text(example.text)
    config = read_config_file(folder / "backtest.toml").config
    first_ms = config.start_ms - 2 * DAY_MS
    database = open_database(f"sqlite:///{folder / 'market.db'}", create=True)
    for symbol in config.symbols:
        klines = synthetic_klines(symbol, first_ms, (config.end_ms - first_ms) // PERIOD_MS["1m"], 7)
        write_klines(database, config.exchange, symbol, "1m", klines)


def market_files(folder: Path) -> None:
    """Files as they come from exchanges: klines, also of the mark price, funding rates, a day of flow, later trades."""
    klines = synthetic_klines("BTC", START_MS, 3 * 1440, 7)
    for name in ("BTCUSDT-1m-2024-01.zip", "BTCUSDT-mark-1m-2024-01.zip"):
        _zipped(folder / name, _binance_klines(klines))
    (folder / "dumps").mkdir()
    _zipped(folder / "dumps" / "BTCUSDC-1m-2024-01.zip", _binance_klines(klines))
    stamps = START_MS + 8 * HOUR_MS * np.arange(9)
    rates = pd.DataFrame({"funding_time": stamps, "funding_rate": np.full(9, 0.0001)})
    rates.to_parquet(folder / "funding.parquet")
    both = pd.concat([rates.assign(exchange="okx"), rates.assign(exchange="bybit")])
    both.to_csv(folder / "rates.csv", index=False)
    flow_file(folder / "flow.parquet", klines.slice(0, 1440))
    for number in (1, 2):
        times = START_MS + number * DAY_MS + HOUR_MS + 5_000 * np.arange(100)
        sides = np.where(np.arange(100) % 3, "buy", "sell")
        trades = pd.DataFrame({"time": times, "price": 42_000.0, "size": 0.5, "side": sides})
        _zipped(folder / f"trades-{number}.zip", trades.to_csv(index=False))

    days = pd.date_range("2024-01-01T08:00:00Z", periods=3, freq="D").astype(str)
    mood = pd.DataFrame({"time": days.repeat(2), "symbol": ["BTC", "ETH"] * 3, "mood": np.arange(6) / 7})
    mood.to_csv(folder / "mood.csv", index=False)
    pd.DataFrame({"known_at": days, "active": [5, 7, 6], "new": [1, 2, 3]}).to_csv(folder / "chain.csv", index=False)


def own_csv(folder: Path) -> None:
    """A CSV of hourly klines as people have it."""
    klines = aggregate(synthetic_klines("BTC", START_MS, 10 * 1440, 7), HOUR_MS)
    columns = {name: getattr(klines, name) for name in ("open", "high", "low", "close", "volume")}
    times = pd.to_datetime(klines.open_ms, unit="ms", utc=True)
    pd.DataFrame(columns, index=times.rename("time")).to_csv(folder / "btc.csv")


def market_with_flow(folder: Path) -> None:
    """A database of BTC with klines and 15-second rows of five days."""
    klines = synthetic_klines("BTC", START_MS, 5 * 1440, 7)
    database = f"sqlite:///{folder / 'market.db'}"
    write_klines(open_database(database, create=True), "hyperliquid", "BTC", "1m", klines)
    flow_file(folder / "given.parquet", klines)
    names = ("--database", database, "--exchange", "hyperliquid", "--symbol", "BTC")
    command = ["import", str(folder / "given.parquet"), "--kind", "flow", "--stamped", "start", *names]
    done = CliRunner().invoke(main, command, catch_exceptions=False)
    assert done.exit_code == 0, done.output


def flow_file(path: Path, klines: KlineColumns) -> None:
    """15-second rows, stamped with their start."""
    rows = synthetic_flow_history("BTC", klines, 7).trades
    assert rows is not None
    names = ("buy_volume", "sell_volume", "buy_notional", "sell_notional")
    columns = {f"taker_{name}": getattr(rows, name) for name in names}
    prices = {"high_price": rows.high, "low_price": rows.low}
    pd.DataFrame({"timestamp": rows.timestamp_ms - 15_000, **columns, **prices}).to_parquet(path)


def _binance_klines(klines: KlineColumns) -> str:
    """Twelve columns without a header."""
    columns = zip(
        klines.open_ms.tolist(),
        *(getattr(klines, name).tolist() for name in ("open", "high", "low", "close", "volume")),
        strict=True,
    )
    return "".join(f"{','.join(map(repr, row))},{row[0] + 59_999},0,0,0,0,0\n" for row in columns)


def _zipped(path: Path, text: str) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{path.stem}.csv", text)


#: Every other README begins in an empty folder.
def ten_days(folder: Path) -> None:
    """A database of BTC with klines of ten days."""
    database = open_database(f"sqlite:///{folder / 'market.db'}", create=True)
    write_klines(database, "hyperliquid", "BTC", "1m", synthetic_klines("BTC", START_MS, 10 * 1440, 7))


GIVEN: Mapping[str, Callable[[Path], None]] = {
    "adapters/certificates/README.md": first_run,
    "adapters/commands/README.md": first_run,
    "adapters/database/README.md": first_run,
    "adapters/ensembles/README.md": first_run,
    "adapters/explanations/README.md": first_run,
    "adapters/face/README.md": own_csv,
    "adapters/proof_commands/README.md": first_run,
    "adapters/robustness/README.md": first_run,
    "adapters/stress/README.md": first_run,
    "adapters/searches/README.md": first_run,
    "adapters/studies/README.md": first_run,
    "adapters/study_commands/README.md": first_run,
    "adapters/workers/README.md": first_run,
    "adapters/files/README.md": market_files,
    "adapters/walking/README.md": ten_days,
    "engine/factors/README.md": first_run,
    "engine/signals/README.md": market_with_flow,
}
