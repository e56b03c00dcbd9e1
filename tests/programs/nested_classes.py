class Outer:
    class Config:
        low = 97
        high = 103

    class Stats:
        def __init__(self):
            self.count = 0

        def bump(self):
            self.count += 1
            return self

    def __init__(self):
        self.stats = Outer.Stats()

    def should_trade(self, data):
        price = data.get_price("X")
        if price < self.Config.low and not data.positions:
            return Decision("buy", "X", str(self.stats.bump().count), target_portion_of_balance=0.2, leverage=2)
        if price > self.Config.high and data.positions:
            return Decision("close", "X", str(self.stats.bump().count))
