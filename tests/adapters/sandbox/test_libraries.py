"""What a program may import, and what it gets through that: nothing of the machine."""

import re

import pytest

from adapters import backtest, synthetic_klines
from tests.support.attacks import MARK, attempt, program
from tests.support.sandboxes import jailed

REFUSED = "not permitted|ermission denied|can't start new thread|Cannot allocate|system call that programs may not make"
LEFT = f"/tmp/{MARK}"
#: As the libraries say it themselves.
IN_OTHER_WORDS = (
    "No usable temporary directory|unable to open database file|no file with expected extension|no module '|"
    "build lacks multiprocessing.synchronize|unknown encoding: idna|not allowed to raise maximum limit|"
    "out of pty devices|No time zone found|ZeroDivisionError|NotImplementedError|cannot open shared object"
)
#: What is imported, and what is then tried.
THROUGH_LIBRARIES = {
    "open": ("", "log('PWNED', open('/etc/passwd').read())"),
    "a file of one's own": ("", f"open({LEFT!r}, 'w').write('x'); log('PWNED')"),
    "pathlib": ("import pathlib", "log('PWNED', list(pathlib.Path('/').iterdir()))"),
    "shutil": ("import shutil", f"shutil.copy('/etc/passwd', {LEFT!r}); log('PWNED')"),
    "tempfile": ("import tempfile", "log('PWNED', tempfile.mkstemp())"),
    "sqlite": ("import sqlite3", f"sqlite3.connect({LEFT!r}).execute('create table t (a)'); log('PWNED')"),
    "dbm": ("import dbm.dumb", f"dbm.dumb.open({LEFT!r}, 'c'); log('PWNED')"),
    "zipfile": ("import zipfile", f"zipfile.ZipFile({LEFT!r}, 'w'); log('PWNED')"),
    "logging to a file": ("import logging", f"logging.FileHandler({LEFT!r}); log('PWNED')"),
    "a dump of memory": ("import tracemalloc, faulthandler", f"faulthandler.enable(open({LEFT!r}, 'w')); log('PWNED')"),
    "numpy.save": ("import numpy as np", f"np.save({LEFT!r}, [1]); log('PWNED')"),
    "numpy.fromfile": ("import numpy as np", "log('PWNED', np.fromfile('/etc/passwd', np.uint8))"),
    "numpy.memmap": ("import numpy as np", f"np.memmap({LEFT!r}, mode='w+', shape=9); log('PWNED')"),
    "numpy.loadtxt": ("import numpy as np", "log('PWNED', np.loadtxt('/etc/passwd', dtype=str))"),
    "numpy.load of a pickle": ("import numpy as np", "log('PWNED', np.load('/etc/passwd', allow_pickle=True))"),
    "numpy.ctypeslib": (
        "import numpy as np, numpy.ctypeslib, ctypes",
        "log('PWNED', np.ctypeslib.load_library('libm', '/usr/lib/x86_64-linux-gnu'))",
    ),
    "pandas.read_csv": ("import pandas as pd", "log('PWNED', pd.read_csv('/etc/passwd'))"),
    "pandas.to_csv": ("import pandas as pd", f"pd.DataFrame([1]).to_csv({LEFT!r}); log('PWNED')"),
    "pandas.read_pickle": ("import pandas as pd", "log('PWNED', pd.read_pickle('/etc/passwd'))"),
    "pandas.read_csv of a site": ("import pandas as pd", "log('PWNED', pd.read_csv('http://127.0.0.1:1/'))"),
    "pandas.query": (
        "import pandas as pd, os",
        f"path = {LEFT!r}; pd.DataFrame({{'a': [1]}}).query('@os.open(@path, 66) > 0', engine='python'); log('PWNED')",
    ),
    "os.system": ("import os", "log('PWNED') if os.system('true') == 0 else log(1 / 0)"),
    "os.popen": ("import os", "log('PWNED', os.popen('id').read())"),
    "posix_spawn": ("import os", "log('PWNED', os.posix_spawn('/bin/true', ['true'], {}))"),
    "subprocess": ("import subprocess", "log('PWNED', subprocess.run(['true']))"),
    "_posixsubprocess": (
        "import _posixsubprocess, os",
        "log('PWNED', _posixsubprocess.fork_exec([b'a'], [b'/bin/true'], True, (), None, None, *[-1] * 6, 8, 9, "
        "False, False, -1, None, None, None, -1, None, False))",
    ),
    "multiprocessing": ("import multiprocessing", "multiprocessing.Process(target=print).start(); log('PWNED')"),
    "a pool of processes": ("import multiprocessing.pool", "multiprocessing.Pool(1).map(abs, [1]); log('PWNED')"),
    "shared memory": (
        "import multiprocessing.shared_memory as m",
        f"m.SharedMemory({MARK!r}, create=True, size=9); log('PWNED')",
    ),
    "threading": ("import threading", "threading.Thread(target=print).start(); log('PWNED')"),
    "a timer": ("import threading", "threading.Timer(0.1, print).start(); log('PWNED')"),
    "_thread": ("import _thread", "_thread.start_new_thread(print, ()); log('PWNED')"),
    "concurrent.futures": (
        "import concurrent.futures, concurrent.futures.thread",
        "concurrent.futures.ThreadPoolExecutor().submit(abs, 1).result(); log('PWNED')",
    ),
    "a pool of futures": (
        "import concurrent.futures, concurrent.futures.process",
        "concurrent.futures.ProcessPoolExecutor().submit(abs, 1).result(); log('PWNED')",
    ),
    "asyncio": ("import asyncio", "asyncio.SelectorEventLoop(); log('PWNED')"),
    "a server": ("import asyncio", "asyncio.run(asyncio.start_server(print, port=8080)); log('PWNED')"),
    "a subprocess of a loop": ("import asyncio", "asyncio.run(asyncio.create_subprocess_exec('true')); log('PWNED')"),
    "a thread of a loop": ("import asyncio", "asyncio.run(asyncio.to_thread(print)); log('PWNED')"),
    "socket": ("import socket", "socket.socket(); log('PWNED')"),
    "a name on the net": ("import socket", "log('PWNED', socket.create_connection(('127.0.0.1', 22), 1))"),
    "urllib": ("import urllib.request", "log('PWNED', urllib.request.urlopen('http://127.0.0.1:1/'))"),
    "http": ("import http.client", "http.client.HTTPConnection('127.0.0.1', 1).request('GET', '/'); log('PWNED')"),
    "select": ("import select", "log('PWNED', select.epoll())"),
    "mmap of a file": ("import mmap, os", "log('PWNED', mmap.mmap(os.open('/etc/passwd', 0), 0))"),
    "mmap that runs": ("import mmap", "mmap.mmap(-1, 4096, prot=7); log('PWNED')"),
    "resource": ("import resource", "resource.setrlimit(resource.RLIMIT_AS, (-1, -1)); log('PWNED')"),
    "fcntl": ("import fcntl", "log('PWNED', fcntl.fcntl(1, fcntl.F_GETFL))"),
    "a terminal": ("import pty", "log('PWNED', pty.openpty())"),
    "a debugger": ("import pdb", "pdb.Pdb(stdin=open('/dev/tty')); log('PWNED')"),
    "an input": ("", "log('PWNED', open(0, closefd=False).read()) if open(0, closefd=False).read() else log(open('/'))"),
    "importlib": (
        "import importlib.machinery as m",
        "m.SourceFileLoader('x', '/usr/lib/python3/os.py').load_module(); log('PWNED')",
    ),
    "an extension": ("import importlib.machinery as m, importlib.util as u", "log('PWNED', m.ExtensionFileLoader('x', '/x.so').get_data('/etc/passwd'))"),
    "ctypes": ("import ctypes", "log('PWNED', ctypes.CDLL('libsqlite3.so.0'))"),
    "runpy": ("import runpy", "runpy.run_path('/etc/passwd'); log('PWNED')"),
    "zoneinfo": ("import zoneinfo", "log('PWNED', zoneinfo.ZoneInfo('Etc/' + 'GMT-7'))"),
}  # fmt: skip


@jailed
@pytest.mark.parametrize(("before", "statement"), THROUGH_LIBRARIES.values(), ids=THROUGH_LIBRARIES)
def test_no_library_leads_to_the_machine(before, statement, attacked):
    result = attempt(program(statement, before), attacked, minutes=1)
    assert re.search(f"{REFUSED}|{IN_OTHER_WORDS}", result.said), result


#: As an editor wants it, to complete what `data` has.
WITH_IMPORTS = """
from perpsim import ActionType, Decision, MarketData, Strategy

class Once(Strategy):
    def should_trade(self, data: MarketData) -> Decision | None:
        import perpsim
        log(*sorted(name for name in vars(perpsim) if name[0] != "_"))
        return Decision(ActionType.HOLD, "BTC")
"""


@jailed
def test_the_names_that_programs_have_can_be_imported_as_well():
    klines = {"BTC": synthetic_klines("BTC", 1_704_067_200_000, 60, seed=1)}
    result = backtest(klines, WITH_IMPORTS, scheduled_interval="15m")
    assert result.error is None
    assert [entry["logs"] for entry in result.trigger_log] == [["ActionType Decision MarketData Strategy"]] * 4
