def mean(values):
    return sum(values) / len(values) if values else 0.0


def deviation(values):
    middle = mean(values)
    return math.sqrt(mean([(v - middle) ** 2 for v in values]))


class Bands:
    """Bollinger bands of one's own."""

    def __init__(self, width=2.0):
        self.width = width

    def compute(self, closes):
        middle, spread = mean(closes), deviation(closes)
        return middle - self.width * spread, middle, middle + self.width * spread


class BandStrategy:
    def init(self, params):
        self.bands = Bands(params.get("width", 1.0))

    def should_trade(self, data):
        closes = [k.close for k in data.get_klines("X", "1m", 20)]
        if len(closes) < 20:
            return None
        low, middle, high = self.bands.compute(closes)
        price = closes[-1]
        if price < low and not data.positions:
            return Decision("buy", "X", target_portion_of_balance=0.4, leverage=2, take_profit_price=middle * 1.02)
        if price > high and not data.positions:
            return Decision("sell", "X", target_portion_of_balance=0.4, leverage=2)
        if data.positions and low < price < high:
            return Decision("close", "X")
        return None
