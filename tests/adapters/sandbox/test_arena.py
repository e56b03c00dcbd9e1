"""The memory that a worker shares with its parent: it can do nothing but read it, and nothing later than now is there."""

import fcntl
import mmap
import os
import re
from pathlib import Path

import numpy as np
import pytest

from adapters import Sandbox, SandboxLimits
from adapters.sandbox.arena import Arena, ArenaView
from engine import BookRows, FlowHistory, MarketHistory, SymbolHistory, TimedValues, TradeRows
from engine.market.past import known_columns
from tests.adapters.sandbox.test_jailed_worker import seen_from_outside
from tests.support.attacks import attempt, program
from tests.support.runs import MINUTE, START, walk
from tests.support.sandboxes import jailed, run_code

ROWS = 400


def test_what_is_written_by_one_is_read_by_the_other_who_cannot_write():
    arena = Arena(1_000)
    column, place = arena.take("f8", 3)
    view = ArenaView(arena.descriptor).column(place)
    column[1] = 7.5
    assert list(view) == [0.0, 7.5, 0.0]
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 1.0
    assert arena.take("f8", 10_000) is None
    arena.close()
    assert list(view) == [0.0, 7.5, 0.0]


@pytest.mark.parametrize(
    "change",
    [
        lambda fd: os.ftruncate(fd, 1 << 30),
        lambda fd: os.ftruncate(fd, 1),
        lambda fd: os.pwrite(fd, b"x", 0),
        lambda fd: mmap.mmap(fd, 4096),
        lambda fd: fcntl.fcntl(fd, 1033, 0x1),
        lambda fd: os.posix_fallocate(fd, 0, 1 << 20),
        lambda fd: os.truncate(f"/proc/self/fd/{fd}", 1),
        lambda fd: os.pwrite(os.open(f"/proc/self/fd/{fd}", os.O_RDWR), b"x", 0),
    ],
    ids="grow shrink write map seal allocate truncate reopen".split(),
)
def test_who_gets_the_descriptor_cannot_change_the_file_even_without_a_jail(change):
    arena = Arena(8_192)
    column, _ = arena.take("f8", 512)
    column[:] = 3.5
    with pytest.raises(OSError, match=r"not permitted|ermission"):
        change(arena.descriptor)
    assert (os.fstat(arena.descriptor).st_size, set(column)) == (8_192, {3.5})
    del column
    arena.close()


#: Where the columns of the shown market lie.
MAPPED = """
import ctypes, mmap, numpy as np, os, gc
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = libc.mremap.restype = ctypes.c_long
libc.mmap.argtypes = [ctypes.c_long] * 6
libc.mremap.argtypes = [ctypes.c_long] * 5
def close(data):
    return data._run.provider._market.symbols["X"].base.columns.close
def page(data):
    return close(data).__array_interface__["data"][0] & ~4095
def number(kind="memfd"):
    for each in range(3, 30):
        try: os.lseek(each, 0, 1)
        except OSError: continue
        return each
def said(result):
    log(result, os.strerror(ctypes.get_errno()))
"""
DENIED = "Permission denied|Operation not permitted"
#: What a program that knows where the market lies does with it, and what is then said.
ON_SHARED_MEMORY = {
    "writing through numpy": ("close(data)[0] = 1.0", "read-only"),
    "making it writable in numpy": ("close(data).flags.writeable = True", "cannot set WRITEABLE flag"),
    "making it writable": (
        "r = libc.mprotect(ctypes.c_void_p(page(data)), 4096, 3); log('PWNED') if r == 0 else said(r)",
        DENIED,
    ),
    "making it executable": (
        "r = libc.mprotect(ctypes.c_void_p(page(data)), 4096, 5); log('PWNED') if r == 0 else said(r)",
        DENIED,
    ),
    "writing through a pointer": ("ctypes.c_double.from_address(page(data)).value = 1.0", "it crashed the interpreter"),
    "copying over it": ("ctypes.memset(page(data), 1, 64)", "it crashed the interpreter"),
    "mapping it for writing": ("mmap.mmap(number(), 4096); log('PWNED')", "not permitted|ermission|descriptor"),
    "mapping a private copy": (
        "r = libc.mmap(0, 4096, 3, 2, number(), 0); own = ctypes.c_double.from_address(r); own.value = 9.5\n"
        "log('own', own.value, float(close(data)[0]) == 9.5)",
        "own 9.5 False",
    ),
    "mapping over it": (
        "r = libc.mmap(page(data), 4096, 3, 0x32, -1, 0); log('covered', r == page(data)); raise KeyError",
        "covered True",
    ),
    "moving it away": ("r = libc.mremap(page(data), 4096, 1 << 20, 1, 0); said(r); raise KeyError", "KeyError|crashed"),
    "a second view of it": (
        "r = libc.mremap(page(data), 0, 4096, 1, 0); ctypes.c_double.from_address(r).value = 1.0; log('PWNED')",
        "it crashed the interpreter",
    ),
    "growing the file": ("os.ftruncate(number(), 1 << 40); log('PWNED')", "system call that programs may not make|not permitted"),
    "shrinking the file": ("os.ftruncate(number(), 0); log('PWNED')", "system call that programs may not make|not permitted"),
    "writing to the file": ("os.write(number(), b'x' * 64); log('PWNED')", "not permitted|too large"),
    "shrinking it by its name": ("os.truncate(f'/proc/self/fd/{number()}', 0); log('PWNED')", "may not make|not permitted"),
    "opening it by its name": ("os.open(f'/proc/self/fd/{number()}', os.O_RDWR); log('PWNED')", "not permitted"),
    "punching a hole": (
        "r = libc.madvise(ctypes.c_void_p(page(data)), 4096, 9); log('PWNED') if r == 0 else said(r)",
        DENIED,
    ),
    "sealing it for the parent": ("import fcntl; fcntl.fcntl(number(), 1033, 8); log('PWNED')", "not permitted"),
    "locking it into memory": ("libc.mlock(ctypes.c_void_p(page(data)), 4096); log('PWNED')", "may not make"),
    "reading beyond the columns": (
        "a = close(data); n = a.nbytes // 8; room = (ctypes.c_double * (n * 2)).from_address(page(data))\n"
        "log('beyond', len({*room}) < 200)",
        "beyond True",
    ),
    "reading beyond the file": (
        "for n in range(1 << 17): ctypes.string_at(page(data) + (n << 16), 1)",
        "it crashed the interpreter",
    ),
    "the memory of the zygote": (
        "log('PWNED', os.open(f'/proc/{os.getppid()}/mem', os.O_RDWR))",
        "not permitted",
    ),
    "the memory of another process": (
        "b = ctypes.create_string_buffer(64); v = (ctypes.c_void_p * 2)(ctypes.addressof(b), 64)\n"
        "libc.process_vm_readv(os.getppid(), v, 1, v, 1, 0); log('PWNED')",
        "system call that programs may not make",
    ),
}  # fmt: skip


@jailed
@pytest.mark.parametrize(("statement", "expected"), ON_SHARED_MEMORY.values(), ids=ON_SHARED_MEMORY)
def test_a_program_that_knows_where_the_market_lies_cannot_change_it(statement, expected, attacked):
    result = attempt(program(f"data.get_klines('X', '1m', 5)\n{statement}", MAPPED), attacked)
    assert re.search(expected, result.said), result.said[:500]


def eventful_market():
    """A market of which no two values are the same bits: klines, trades, books, marks, interest, funding, oracle, volume of a day."""
    random = np.random.default_rng(3)
    rows = START + 15_000 * np.arange(4 * ROWS, dtype=np.int64)
    some = [50 + 100 * random.random(len(rows)) for _ in range(16)]
    flow = FlowHistory(
        TradeRows(rows, *some[:7]), BookRows(rows, *some[7:10]), *(TimedValues(rows, each) for each in some[10:15])
    )
    base = walk(ROWS, seed=5)
    marks = walk(ROWS, seed=6)
    return MarketHistory([SymbolHistory("X", base, (), flow, marks)])


#: Asks for everything that there is, at each trigger.
CURIOUS = """
INDICATORS = "MA5 EMA20 RSI14 MACD BOLL ATR14 STOCH VWAP OBV".split()
METRICS = "CVD TAKER OI OI_DELTA FUNDING DEPTH IMBALANCE PRICE_CHANGE VOLATILITY".split()
def ask(data):
    if data.timestamp // 60_000 % 20:
        return
    for period in ("1m", "5m", "15m"):
        len(list(data.get_klines("X", period, 50)))
        for name in INDICATORS: dict(data.get_indicator("X", name, period))
        for name in METRICS: dict(data.get_flow("X", name, period))
    data.get_market_data("X"), data.get_regime("X", "5m"), data.get_price_change("X", "15m"), data.get_price("X")
"""
PARTS = [
    *((kind, "X", period) for kind in ("closes", "ranges") for period in (MINUTE, 5 * MINUTE, 15 * MINUTE)),
    *(
        ("indicator", "X", period, name)
        for period in (MINUTE, 5 * MINUTE, 15 * MINUTE)
        for name in ("MA5", "EMA20", "RSI14", "MACD", "BOLL", "ATR14", "STOCH", "VWAP", "OBV")
    ),
    *(("rows", "X", table) for table in ("trades", "ranged", "priced", "book", "funding_rate", "open_interest")),
    *(("rows", "X", table) for table in ("mark_price", "oracle_price", "day_notional_volume", "marks")),
]


def past_and_future(market, now):
    """The bits of what is known of a market's parts at an instant, and those of what is known only later."""
    past, future = [], []
    for name in PARTS:
        part = known_columns(market, name)
        assert part is not None, name
        count = int(np.searchsorted(part.times + part.delay_ms, now, side="right"))
        floats = [column for column in part.columns if column.dtype.kind == "f"]
        past += [column[:count] for column in floats]
        future += [column[count:] for column in floats]
    known, later = (np.unique(np.concatenate(each)) for each in (past, future))
    later = later[np.isfinite(later) & (np.abs(later) > 1e-3) & (later != np.round(later))]
    return known.view(np.uint64), np.setdiff1d(later, known).view(np.uint64)


def occurring(memory, wanted):
    """Which of the wanted bits, in order, occur in memory, wherever they begin."""
    is_prefix = np.zeros(1 << 16, bool)
    is_prefix[wanted >> np.uint64(48)] = True
    found = [np.empty(0, np.uint64)]
    for shift in range(8):
        tops = np.frombuffer(memory, np.uint16, (len(memory) - shift) // 8 * 4, shift)[3::4]
        words = np.frombuffer(memory, np.uint64, len(tops), shift)
        words = words[is_prefix[tops]]
        places = np.searchsorted(wanted, words)
        places[places == len(wanted)] = 0
        found.append(words[wanted[places] == words])
    return np.unique(np.concatenate(found))


def readable_memory(pid):
    """What a process can read and a file of the machine is not in, piece by piece."""
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights, _, _, _, *name = line.split(maxsplit=5)
            begin, end = (int(each, 16) for each in span.split("-"))
            if "r" in rights and (rights != "r--p" and rights != "r-xp") and name != ["[vvar]"]:
                yield line, read_pages(memory, begin, end)


def read_pages(memory, begin, end):
    memory.seek(begin)
    content = b""
    while len(content) < end - begin:
        try:
            content += memory.read(end - begin - len(content))
        except OSError:  # beyond the end of the market
            break
    return content


@jailed
def test_in_all_the_memory_of_a_worker_there_is_everything_of_the_past_and_nothing_of_the_future():
    if os.geteuid() != 0:
        pytest.skip("only root may read the memory of a worker")
    history, looked_at = eventful_market(), (160,)
    late = float(history.symbols["X"].base.columns.close[-1])  # told beforehand, to see that it would be found

    def search(pid, at):
        if (at - START) // MINUTE not in looked_at:
            return None
        past, future = past_and_future(history, at)
        both, seen, bad, size = np.sort(np.concatenate([past, future])), [], [], 0
        for line, memory in readable_memory(pid):
            size += len(memory)
            found = occurring(memory, both)
            seen.append(np.intersect1d(found, past))
            bad += [(each, line) for each in np.intersect1d(found, future).view(np.float64)]
        return len(np.unique(np.concatenate(seen))) / len(past), len(past), len(future), bad, size

    with Sandbox(SandboxLimits(derived_bytes=4 << 20)) as made:
        given = {"history": history, "minutes": looked_at[-1] + 1, "params": {"late": late}}
        found = [each for each in seen_from_outside(made, search, program("ask(data)", CURIOUS), **given) if each]
    assert len(found) == len(looked_at)
    for share, past, future, bad, size in found:
        assert {value for value, _ in bad} == {late}, bad
        assert share > 0.99
        assert min(past, future) > 3_000
        assert size > 10_000_000


#: Reads all the memory that it can reach, page after page: a system call that takes an address says which are there.
#: What it looks for it is told multiplied, and compares it with multiplied memory, lest it finds what it was told.
DUMPER = """
import ctypes, errno, numpy as np
libc = ctypes.CDLL(None, use_errno=True)
FACTOR = np.uint64(0x9E37_79B9_7F4A_7C15)
def is_there(address):
    ctypes.set_errno(0)
    libc.syscall(14, 99, ctypes.c_void_p(address), None, 8)  # there is no way 99 to change a mask of signals
    return ctypes.get_errno() != errno.EFAULT
def spans():
    top = 0x7FFF_FFFF_F000
    for low, high in ((0x5555_5555_0000, 0x5555_6000_0000), (top - (1 << 29), top)):
        address = low
        while address < high:
            begin = address
            while address < min(high, begin + 65_536) and is_there(address): address += 4096
            if address > begin: yield begin, address
            if address < begin + 65_536: address += 4096
def search(wanted):
    found, size, order = set(), 0, np.argsort(wanted)
    for begin, end in spans():
        size += end - begin
        words = np.frombuffer((ctypes.c_char * (end - begin)).from_address(begin), np.uint64)
        hashed = words * FACTOR
        places = np.searchsorted(wanted, hashed, sorter=order) % len(wanted)
        found |= set(order[places[wanted[order[places]] == hashed]].tolist())
    return found, size
"""
DUMP = """
ask(data)
if data.timestamp == params["at"]:
    found, size = search(np.array(params["wanted"], np.uint64))
    log(len([each for each in found if each < params["past"]]), [each for each in found if each >= params["past"]], size)
"""


@jailed
def test_a_program_that_reads_all_of_its_own_memory_finds_the_past_and_not_the_future():
    history, now = eventful_market(), START + 100 * MINUTE
    past, future = past_and_future(history, now)
    factor = np.uint64(0x9E37_79B9_7F4A_7C15)
    past, future = past[:: len(past) // 500], future[:: len(future) // 2_000]
    params = {"at": now, "past": len(past), "wanted": (np.concatenate([past, future]) * factor).tolist()}
    code = program(DUMP, CURIOUS + DUMPER).replace("class A:", "class A:\n    def init(self, given):\n"
                                                     "        global params\n        params = given\n")  # fmt: skip
    with Sandbox(SandboxLimits(call_s=60.0, derived_bytes=4 << 20)) as made:
        result = run_code(code, made.executor, history=history, minutes=101, params=params)
    assert result.error is None
    (line,) = [line for entry in result.trigger_log for line in entry["logs"]]
    count, found, size = re.fullmatch(r"(\d+) (\[.*\]) (\d+)", line).groups()
    assert found == "[]"
    assert int(count) > 0.9 * len(past)
    assert int(size) > 10_000_000
