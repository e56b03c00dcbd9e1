"""Hashes of a certificate change with whatever they stand for, and with nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from adapters.certificates.certificate_contents import contents_of, data_hash, versions
from adapters.certificates.proof_subject import ProofSubject
from adapters.trials import Ground
from adapters.workers import ThisProcess
from engine import FlowHistory, KlineColumns, MarketHistory, SymbolHistory, TimedValues
from engine.version import VERSION
from tests.support import planted_disorder as planted
from tests.support.noise_runs import DAYS, START, Idle, Turns, noise_job, noise_market

TEXT = "class A:\n    def should_trade(self, data):\n        return None\n"


def contents(job, **more):
    return contents_of(ProofSubject(job, ThisProcess(), **more))


def test_it_has_versions_head_and_settings():
    found = contents(noise_job(Turns), cuts=3, ties=2, seed=5)
    assert found.versions["perpsim"] == VERSION
    assert set(versions()) == {"perpsim", "python", "numpy", "simpy"}
    assert found.head == ProofSubject(noise_job(Turns), ThisProcess()).result.journal_head
    assert found.settings == {"cuts": 3, "ties": 2, "seed": 5}
    assert found.fields["symbols"] == ["BTC", "ETH"]
    assert (found.program, "strategy" in found.fields) == (None, False)


def test_the_same_run_has_the_same_contents():
    assert contents(noise_job(Turns)) == contents(noise_job(Turns))


def test_each_hash_stands_for_its_own():
    one = contents(noise_job(Turns))
    program = contents(noise_job(Idle))
    assert (one.code["program"] != program.code["program"], one.configuration) == (True, program.configuration)
    fields = contents(noise_job(Turns, fee_rate=0.01))
    assert (one.configuration != fields.configuration, one.code, one.data) == (True, fields.code, fields.data)
    texts = [contents(replace(noise_job(code=text), trust=True)) for text in (TEXT, TEXT + "\n")]
    assert texts[0].code["program"] != texts[1].code["program"]
    assert texts[1].program == TEXT + "\n"


def changed(symbol: SymbolHistory, **tables) -> SymbolHistory:
    return SymbolHistory(symbol.symbol, tables.pop("base", symbol.base.columns), **tables)


def test_any_bit_of_any_table_is_in_the_hash():
    symbol = noise_market().symbols["BTC"]
    c = symbol.base.columns
    moved = c.close.copy()
    moved[17] = np.nextafter(moved[17], 0.0)
    other = KlineColumns(c.period_ms, c.open_ms, c.open, c.high, c.low, moved, c.volume)
    rows = TimedValues(c.open_ms[:5], c.close[:5])
    variants = [
        symbol,
        changed(symbol, base=other),
        changed(symbol, flow=FlowHistory(mark_price=rows)),
        changed(symbol, flow=FlowHistory(funding_rate=rows)),
        changed(symbol, mark_klines=c.slice(0, 9)),
        changed(symbol, features={"mood": rows}),
        changed(symbol, features={"mode": rows}),
    ]
    assert len({data_hash(each) for each in variants}) == len(variants)
    assert data_hash(symbol) == data_hash(changed(symbol))


def test_everything_that_the_user_wrote_is_named():
    job = planted.job(planted.Both, planted.both_sources(), prepare=planted.prepare_counting)
    assert set(contents(job).code) == {"program", "signals 1", "signals 2", "prepare"}
    namespace: dict[str, type] = {}
    exec("class Typed:\n    def should_trade(self, data):\n        return None\n", namespace)
    assert contents(noise_job(namespace["Typed"])).code == {"program": None}
    feature = MarketHistory(noise_market().symbols, features={"late": late})
    with_function = replace(noise_job(Idle), grounds={"": Ground(feature)})
    assert set(contents(with_function).code) == {"program", "feature late"}


def late(market):
    """Whether the run is in its second half."""
    return {"time": np.array([START, START + DAYS * 43_200_000]), "late": np.array([0.0, 1.0])}
