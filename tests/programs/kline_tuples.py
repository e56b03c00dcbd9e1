class Tuples:
    def should_trade(self, data):
        for k in data.get_klines("X", "5m", 2):
            timestamp, o, h, l, c, volume = k
            d = k._asdict()
            if d["close"] != c:
                raise ValueError("never")
        last = data.get_klines("X", "1m", 1)
        if not last:
            return None
        body = last[0].close - last[0].open
        if body > 0 and not data.positions:
            return Decision("buy", "X", target_portion_of_balance=0.2, leverage=2)
        if data.positions and last[0].close > 104:
            return Decision("close", "X")
