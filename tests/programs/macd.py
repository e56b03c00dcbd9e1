class Macd:
    def should_trade(self, data):
        m = data.get_indicator("X", "MACD", "1m")
        if not m:
            return None
        histogram = m["histogram"]
        crossed = getattr_free(self, histogram)
        if crossed > 0 and not data.positions:
            return Decision("buy", "X", target_portion_of_balance=0.5, leverage=2)
        if crossed < 0 and data.positions:
            return Decision("close", "X")

    last = 0.0


def getattr_free(strategy, histogram):
    before, strategy.last = strategy.last, histogram
    return (before <= 0 < histogram) - (before >= 0 > histogram)
