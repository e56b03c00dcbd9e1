from functools import lru_cache, partial, reduce, singledispatch
from itertools import accumulate, chain, islice, pairwise
from operator import add


@lru_cache(maxsize=32)
def weight(n):
    return reduce(add, range(n), 0) / (n or 1)


@singledispatch
def text(value):
    return str(value)


@text.register
def _(value: float):
    return f"{value:.3f}"


class Cached:
    scaled = staticmethod(partial(pow, exp=2))

    def should_trade(self, data):
        closes = [kline.close for kline in data.get_klines("X", "1m", 12)]
        rises = [b - a for a, b in pairwise(closes)]
        total = sum(islice(accumulate(chain(rises, [0.0])), 5)) * weight(len(rises)) + self.scaled(2)
        reason = text(total) + " " + "{:.2f}|{:>8}".format(total, "x")
        return Decision("buy" if total > 4 else "sell", "X", reason, target_portion_of_balance=0.1, leverage=1)
