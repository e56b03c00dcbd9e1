def pairs(values):
    before = None
    for value in values:
        if before is not None:
            yield before, value
        before = value


class Generators:
    def should_trade(self, data):
        klines = data.get_klines("X", "1m", 10)
        ups = sum(1 for a, b in pairs(k.close for k in klines) if b > a)
        if ups >= 7 and "X" not in data.positions:
            return Decision("buy", "X", target_portion_of_balance=0.5, leverage=1)
        if ups <= 3 and "X" in data.positions:
            return Decision("close", "X")
        return None
