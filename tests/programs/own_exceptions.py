class NoData(Exception):
    def __init__(self, what):
        super().__init__(f"no {what}")
        self.what = what


def need(values, count):
    if len(values) < count:
        raise NoData("klines")
    return values


class OwnErrors:
    def should_trade(self, data):
        try:
            klines = need(data.get_klines("X", "5m", 3), 3)
        except NoData as error:
            print("waiting:", error, error.what)
            return None
        assert len(klines) == 3, "three klines"
        if klines[-1].close > klines[0].close and not data.positions:
            return Decision("buy", "X", target_portion_of_balance=0.5, leverage=2)
        if klines[-1].close < klines[0].close and data.positions:
            return Decision("close", "X")
