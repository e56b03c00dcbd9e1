def counter(start):
    value = start

    def step(by=1):
        nonlocal value
        value += by
        return value

    return step


class Closures:
    def init(self, params):
        self.step = counter(0)
        self.rules = [lambda p: p > 104, lambda p: p < 96]

    def should_trade(self, data):
        n = self.step()
        price = data.get_price("X")
        up, down = [rule(price) for rule in self.rules]
        if up and not data.positions:
            return Decision("sell", "X", str(n), target_portion_of_balance=0.2, leverage=2)
        return Decision("close", "X", str(n)) if down and data.positions else None
