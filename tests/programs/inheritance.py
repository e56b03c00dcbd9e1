class Base:
    def __init__(self):
        self.trades = 0
        self.name = "base"

    def signal(self, data):
        return 0

    def decide(self, data):
        direction = self.signal(data)
        if direction == 0:
            return None
        self.trades += 1
        return Decision("buy" if direction > 0 else "sell", "X", self.name, target_portion_of_balance=0.1, leverage=1)


class Momentum(Base):
    def __init__(self):
        super().__init__()
        self.name = "momentum"

    def signal(self, data):
        klines = data.get_klines("X", "1m", 4)
        if len(klines) < 4:
            return super().signal(data)
        move = klines[-1].close - klines[0].close
        return (move > 4) - (move < -4)

    def should_trade(self, data):
        return self.decide(data)
