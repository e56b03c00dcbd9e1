"""All that is found of a configuration before it is run."""

from __future__ import annotations

from engine import BacktestConfig

from ..database import Database
from .data_finding import Finding
from .flow_needs import flow_findings
from .kline_needs import kline_findings
from .odd_settings import setting_findings
from .pool_needs import pool_findings
from .pool_rows import pool_row_findings
from .rule_book_needs import rule_book_findings
from .stored_rows import stored_spans

#: Of more symbols than these the further ones are not looked at, which is said.
MOST_SYMBOLS = 100


def readiness(database: Database, config: BacktestConfig) -> list[Finding]:
    """Return what keeps a valid configuration from being run on a database and what would surprise, problems first.

    It asks the database for what it holds and loads no market: a second for a hundred symbols. Programs are not parsed.
    """
    symbols = config.symbols[:MOST_SYMBOLS]
    pools, found = pool_findings(database, config)
    found += [*setting_findings(config), *rule_book_findings(config)]
    if len(config.symbols) > MOST_SYMBOLS:
        text = f"the first {MOST_SYMBOLS} of {len(config.symbols):,} symbols were compared with what is stored"
        found.append(Finding("symbols", text))
    klines = kline_findings(database, config, stored_spans(database), symbols)
    found += klines
    if not any(each.is_problem for each in klines):
        found += flow_findings(database, config, symbols)
        found += pool_row_findings(database, config, pools, symbols)
    return sorted(found, key=lambda each: not each.is_problem)
