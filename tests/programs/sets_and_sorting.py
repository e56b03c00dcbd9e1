class Sorting:
    def should_trade(self, data):
        k = data.get_klines("X", "1m", 9)
        best = max(k, key=lambda x: x.close, default=None)
        names = {"up", "down", "flat"}
        order = sorted(names, key=len)
        table = dict.fromkeys(order, 0)
        for a, b in zip(k, k[1:]):
            table["up" if b.close > a.close else "down"] += 1
        words = ", ".join(f"{name}={count}" for name, count in sorted(table.items()))
        if best is not None and best == k[-1] and not data.positions:
            return Decision("buy", "X", words, target_portion_of_balance=0.2, leverage=2)
        if table["down"] >= 7 and data.positions:
            return Decision("close", "X", words)
