import bisect
import copy
import heapq
import io
import logging
import operator
import string
import textwrap
import warnings
import zlib
from base64 import b64encode
from hashlib import sha256
from types import SimpleNamespace
from zoneinfo import ZoneInfo
from datetime import datetime


async def nothing():
    return 1


class Everything:
    def __init__(self):
        self.log = logging.getLogger("program")
        self.heap = []

    def should_trade(self, data):
        heapq.heappush(self.heap, data.get_price("X"))
        bisect.insort(self.heap, 1.0)
        with warnings.catch_warnings(), io.StringIO() as out:
            warnings.simplefilter("ignore")
            print(textwrap.shorten("a b c d", 5), string.ascii_letters[:3], end="", file=out) if False else out.write("x")
            made = SimpleNamespace(text=out.getvalue())
        digest = sha256(repr(copy.deepcopy(self.heap)).encode()).hexdigest()
        local = datetime.fromtimestamp(data.timestamp / 1000, ZoneInfo("Europe/Berlin")).isoformat()
        reason = f"{digest} {zlib.crc32(b'x')} {b64encode(made.text.encode())} {local} {operator.mul(2, 3)}"
        step = lambda: (yield from [1, 2])
        if sum(step()) == 3 and len(self.heap) % 3:
            return Decision("buy", "X", reason, target_portion_of_balance=0.1, leverage=1)
        return Decision("close", "X", reason) if data.positions else None
