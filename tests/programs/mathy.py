class Mathy:
    def should_trade(self, data):
        prices = [k.close for k in data.get_klines("X", "1m", 12)]
        returns = [math.log(b / a) for a, b in zip(prices, prices[1:])]
        if not returns:
            return None
        drift = math.fsum(returns)
        angle = math.degrees(math.atan(drift * 10))
        if math.isclose(drift, 0.0, abs_tol=1e-12):
            return None
        if angle > 20 and not data.positions:
            return Decision("buy", "X", target_portion_of_balance=0.5, leverage=2)
        if angle < -20 and data.positions:
            return Decision("close", "X")
