"""Pools that are written one by one, in rows as the platform has them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters import Database
from adapters.signals import (
    PoolChanged,
    PoolDraft,
    SignalDraft,
    SignalStore,
    delete_pool,
    enable_pool,
    pool_revision,
    restore_pool,
    save_pool,
)
from engine import ConfigurationError
from tests.support.databases import Raw

#: As a platform writes it: keys that are not known here, and spaces of its own.
STORED = '{"metric":  "cvd", "operator": "abs_gt", "threshold": 1600000, "time_window": "5m", "cooldown": {"s": 60}}'
RSI = {"metric": "indicator:RSI14", "operator": "<", "threshold": 30, "time_window": "1h"}


@pytest.fixture
def stored(any_database: Database, raw: Raw) -> int:
    """A pool of one signal; what the platform keeps beside it is set past our own code."""
    draft = PoolDraft("Surges", "OR", True, "hyperliquid", ["BTC"], [SignalDraft(None, "cvd", "big", True, RSI)])
    pool_id, _ = save_pool(any_database, draft)
    raw.execute("update signal_definitions set trigger_condition = :text", text=STORED)
    raw.execute("update signal_pools set source_config = '{\"a\": 1}', signal_ids = '[ 1 ]', logic = 'or'")
    return pool_id


def given(pool_id: int, database: Database, **changes: object) -> PoolDraft:
    row = SignalStore(database).stored_pool(pool_id)
    return replace(PoolDraft(row.name, "OR", row.enabled, row.exchange, ["BTC"], [SignalDraft(1)]), **changes)  # type: ignore[arg-type]


def cells(raw: Raw) -> list[tuple[object, ...]]:
    return raw.execute("select pool_name, signal_ids, symbols, logic, source_config, source_type from signal_pools")


def test_what_is_not_changed_keeps_its_bytes(any_database: Database, raw: Raw, stored: int) -> None:
    save_pool(any_database, given(stored, any_database, name="Other"), stored)
    assert cells(raw) == [("Other", "[ 1 ]", '["BTC"]', "or", '{"a": 1}', "market_signals")]
    assert raw.execute("select trigger_condition from signal_definitions") == [(STORED,)]


def test_foreign_keys_stay_in_a_condition_that_changes(any_database: Database, stored: int) -> None:
    changed = SignalDraft(1, "cvd", "big", True, {**RSI, "threshold": 20})
    signals = [changed, SignalDraft(None, "new", "", True, RSI)]
    save_pool(any_database, given(stored, any_database, signals=signals), stored)
    store = SignalStore(any_database)
    first, second = store.pool(stored).signals
    assert first.condition.describe() == "indicator:RSI14 < 20 on 1h"
    assert "cooldown" in str(store.signals[1].condition)
    assert (second.signal_id, second.exchange) == (2, "hyperliquid")


def test_a_pool_that_could_not_run_is_not_stored(any_database: Database, raw: Raw, stored: int) -> None:
    before = cells(raw)
    for signals, problem in (
        ([SignalDraft(None, "bad", "", True, {"metric": "nonsense"})], "signals.0: there is no metric 'nonsense'"),
        ([SignalDraft(None, "off", "", False, RSI)], "it has no enabled signal"),
        ([SignalDraft(7)], "signals.0: there is no signal 7 any more"),
    ):
        with pytest.raises(ConfigurationError, match=problem):
            save_pool(any_database, given(stored, any_database, name="Other", signals=signals), stored)
    with pytest.raises(ConfigurationError, match="name: there is a pool of this name"):
        save_pool(any_database, given(stored, any_database))
    assert cells(raw) == before
    assert raw.execute("select count(*) from signal_definitions") == [(1,)]


def test_nobody_writes_over_what_he_has_not_seen(any_database: Database, raw: Raw, stored: int) -> None:
    store = SignalStore(any_database)
    seen = pool_revision(store, store.stored_pool(stored))
    raw.execute("update signal_definitions set description = 'by the platform'")
    with pytest.raises(PoolChanged):
        save_pool(any_database, given(stored, any_database, name="Other"), stored, seen)


def test_a_deleted_pool_can_be_restored_once(any_database: Database, raw: Raw, stored: int) -> None:
    enable_pool(any_database, stored, False)
    delete_pool(any_database, stored)
    assert SignalStore(any_database).pools == {}
    assert raw.execute("select count(*) from signal_pools where deleted_at is not null") == [(1,)]
    assert [restore_pool(any_database, stored) for _ in range(2)] == [True, False]
    assert SignalStore(any_database).stored_pool(stored).enabled is False


def test_a_pool_of_a_wallet_is_left_to_the_platform(any_database: Database, raw: Raw, stored: int) -> None:
    raw.execute("update signal_pools set source_type = 'wallet_tracking'")
    with pytest.raises(ConfigurationError, match="can only be changed on the platform"):
        save_pool(any_database, given(stored, any_database, name="Other"), stored)
