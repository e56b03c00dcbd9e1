"""What a certificate is of: versions, and hashes of data, code, configuration and journal, for others to check it."""

from __future__ import annotations

import inspect
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from importlib.metadata import version
from typing import Any

import numpy as np

from engine import BacktestConfig, MarketHistory, SymbolHistory
from engine.json_text import json_pieces
from engine.market.flow import LATEST_VALUES
from engine.plain_values import plain
from engine.version import VERSION
from processes import PoolSource

from .proof_subject import ProofSubject

_BYTES = 16
_LIBRARIES = ("numpy", "simpy")
#: Fields of a configuration that are its program.
_PROGRAM = ("code", "strategy")
#: What says how much is run for a certificate.
SETTINGS_OF_RUNS = ("cuts", "ties", "seed")


@dataclass(frozen=True, slots=True)
class CertificateContents:
    """What must be the same for a certificate to be one of the same run.

    `versions` are those of perpsim, Python and libraries by name; `data` has a hash for each symbol, `code` one for
    each thing that the user has written, None where its text is not to be had; `configuration` is a hash of all other
    fields, which `fields` holds; `program` is the program, where it is source text. `head` is that of the journal.
    `settings` say how much was run.
    """

    versions: Mapping[str, str]
    data: Mapping[str, str]
    code: Mapping[str, str | None]
    configuration: str
    head: str
    settings: Mapping[str, int]
    fields: Mapping[str, Any]
    program: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def contents_of(subject: ProofSubject) -> CertificateContents:
    """Return the contents of a subject's certificate."""
    config, market = subject.job.config, subject.market
    fields = {name: value for name, value in config.to_dict().items() if name not in _PROGRAM}
    return CertificateContents(
        versions(),
        {name: data_hash(market.symbols[name]) for name in sorted(config.symbols)},
        dict(_code(subject, config, market)),
        hash_of("".join(json_pieces(fields)).encode()),
        subject.result.journal_head or "",
        {name: getattr(subject, name) for name in SETTINGS_OF_RUNS},
        plain(fields),
        config.code,
    )


def versions() -> dict[str, str]:
    """Return the versions that a run is made with."""
    return {"perpsim": VERSION, "python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}


def hash_of(content: bytes) -> str:
    """Return 32 hexadecimal digits that stand for some bytes."""
    return blake2b(content, digest_size=_BYTES).hexdigest()


def data_hash(history: SymbolHistory) -> str:
    """Return the hash of all that is known of a symbol, by every bit of it."""
    digest = blake2b(digest_size=_BYTES)
    for name, columns in _tables(history):
        digest.update(f"{name} {len(columns[0])}\n".encode())
        for column in columns:
            kind = "<i8" if column.dtype.kind == "i" else "<f8"
            digest.update(np.ascontiguousarray(column, kind).tobytes())
    return digest.hexdigest()


def _tables(history: SymbolHistory) -> Iterator[tuple[str, list[np.ndarray[Any, Any]]]]:
    """Yield the tables of a symbol, each with its columns."""
    klines = [("klines", history.base.columns)]
    klines += [("stored", each) for each in sorted(history.stored, key=lambda each: each.period_ms)]
    klines += [] if history.mark_klines is None else [("marks", history.mark_klines)]
    for name, columns in klines:
        yield f"{name} {columns.period_ms}", [columns.open_ms, *columns.figures]
    flow = history.flow
    for name, rows in (("trades", flow.trades), ("book", flow.book)):
        if rows is not None:
            yield name, [getattr(rows, each) for each in rows.__dataclass_fields__]
    for name in LATEST_VALUES:
        series = getattr(flow, name)
        if series is not None:
            yield name, [series.rows.timestamp_ms, series.rows.value]
    for name in history.feature_names:
        feature = history.feature(name)
        assert feature is not None
        yield f"feature {name}", [feature.rows.timestamp_ms, feature.rows.value]


def _code(subject: ProofSubject, config: BacktestConfig, market: MarketHistory) -> Iterator[tuple[str, str | None]]:
    """Yield a name and a hash of each thing that the user has written."""
    yield "program", hash_of(config.code.encode()) if config.code is not None else _source_hash(config.strategy)
    for place, source in enumerate(subject.ground.signals):
        pool = hash_of(repr(source.pool).encode()) if isinstance(source, PoolSource) else None
        yield f"signals {place + 1}", pool or _source_hash(source)
    for name, function in sorted(market.feature_functions.items()):
        yield f"feature {name}", _source_hash(function)
    job = subject.job
    for name, each in (("prepare", job.prepare), ("models", job.models), ("rules", job.rules)):
        if each is not None:
            yield name, _source_hash(each)


def _source_hash(thing: object) -> str | None:
    """Return the hash of the text of a class, of that of an object, or of a function; None where there is none."""
    written: Any = thing if isinstance(thing, type) or inspect.isfunction(thing) else type(thing)
    try:
        return hash_of(inspect.getsource(written).encode())
    except (OSError, TypeError):  # made in a console, or out of no text
        return None
