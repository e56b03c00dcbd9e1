class Comprehensions:
    def should_trade(self, data):
        k = data.get_klines("X", "1m", 15)
        ranges = {i: x.high - x.low for i, x in enumerate(k)}
        wide = {i for i, r in ranges.items() if r >= 0}
        table = [[x.open, x.close] for x in k]
        flat = [v for row in table for v in row if v]
        first, *middle, last = flat
        if (n := len(wide)) > 5 and last > first + 1 and not data.positions:
            return Decision("buy", "X", f"{n} {len(middle)}", target_portion_of_balance=0.2, leverage=2)
        if last < first - 1 and data.positions:
            return Decision("close", "X")
