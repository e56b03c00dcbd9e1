"""The tables of the stored market data, as SQLAlchemy Core knows them.

Names and units are the platform's: `crypto_klines.timestamp` is the open of the kline in seconds. On SQLite the
columns have the platform's NUMERIC affinity, which keeps a bound double bit for bit; tables that perpsim creates on
PostgreSQL hold DOUBLE PRECISION, so that both databases give the same bits.
"""

from __future__ import annotations

from sqlalchemy import (
    DECIMAL,
    BigInteger,
    Column,
    Double,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    func,
)
from sqlalchemy.types import TIMESTAMP, TypeEngine

#: The two values that mark the rows that count; importers write them.
MAINNET = "mainnet"
CRYPTO = "CRYPTO"

metadata = MetaData()


def _decimal(precision: int, scale: int) -> TypeEngine[float]:
    return DECIMAL(precision, scale, asdecimal=False).with_variant(Double(), "postgresql")


def _timestamp() -> TypeEngine[int]:
    return BigInteger().with_variant(Integer(), "sqlite")


crypto_klines = Table(
    "crypto_klines",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("exchange", String(20), nullable=False),
    Column("symbol", String(20), nullable=False),
    Column("market", String(10), nullable=False),
    Column("period", String(10), nullable=False),
    Column("timestamp", _timestamp(), nullable=False),
    Column("datetime_str", String(50), nullable=False),
    Column("environment", String(20), nullable=False),
    Column("open_price", _decimal(18, 6)),
    Column("high_price", _decimal(18, 6)),
    Column("low_price", _decimal(18, 6)),
    Column("close_price", _decimal(18, 6)),
    Column("volume", _decimal(18, 2)),
    Column("amount", _decimal(18, 2)),
    Column("change", _decimal(18, 6)),
    Column("percent", _decimal(10, 4)),
    Column("created_at", TIMESTAMP, server_default=func.current_timestamp()),
    UniqueConstraint("exchange", "symbol", "market", "period", "timestamp", "environment"),
)
