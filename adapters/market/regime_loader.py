"""The thresholds of the market regime, as they are stored."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy import select

from engine.market import RegimeConfig

from ..database import Database, market_regime_configs


def load_regime_config(database: Database) -> RegimeConfig:
    """Return the thresholds of the row that is marked default (of several: the one with the lowest id).

    What is NULL there, or everything without such a row or table, is the contract's default.
    """
    c = market_regime_configs.c
    names = [field.name for field in fields(RegimeConfig)]
    statement = select(*(c[name] for name in names)).where(c.is_default.is_(True)).order_by(c.id).limit(1)
    with database.reading() as connection:
        if not database.has_table(connection, market_regime_configs):
            return RegimeConfig()
        database.require_table(connection, market_regime_configs, ["id", "is_default", *names])
        row = connection.execute(statement).mappings().one_or_none()
    return RegimeConfig(**{name: float(row[name]) for name in names if row is not None and row[name] is not None})
