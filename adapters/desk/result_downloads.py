"""A stored result as files to take along: what each holds, and what it is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from engine.contract import Labelled

from ..configuration import config_toml
from ..database import Database
from ..results import StoredResult, export_equity, export_json, export_trades

_NO_NAME = re.compile(r"[^A-Za-z0-9]+")
_LONGEST_NAME = 40


class Download(Labelled):
    """One of the files of a result."""

    JSON = "json", "Result (JSON)"
    TRADES = "trades", "Trades (CSV)"
    EQUITY = "equity", "Equity (CSV)"
    REPORT = "report", "Report (HTML)"
    CONFIGURATION = "configuration", "Configuration (TOML)"

    @property
    def media_type(self) -> str:
        """What a browser is told that it is."""
        return {"json": "application/json", "report": "text/html", "configuration": "application/toml"}.get(
            self, "text/csv"
        )

    def file_name(self, found: StoredResult) -> str:
        """Return what the file is called, in letters that every system takes."""
        named = _NO_NAME.sub("-", f"{found.program or 'backtest'} {' '.join(found.config.get('symbols', ())[:3])}")
        ending = {"json": ".json", "report": ".html", "configuration": ".toml"}.get(self, f"-{self}.csv")
        return f"{found.run_id}-{named[:_LONGEST_NAME].strip('-')}{ending}"


def write_download(
    database: Database, found: StoredResult, download: Download, path: Path, all_triggers: bool = False
) -> Sequence[str]:
    """Write a file of a result, but for its report; return what it lacks, in sentences. `ConfigurationError` where TOML
    cannot say a configuration.
    """
    if download is Download.JSON:
        return export_json(database, found, path, all_triggers=all_triggers)
    if download is Download.TRADES:
        return export_trades(found, path)
    if download is Download.EQUITY:
        return export_equity(database, found, path)
    path.write_text(config_toml(found.config), encoding="utf-8", newline="")
    return ()
