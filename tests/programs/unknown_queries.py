class Typo:
    def should_trade(self, data):
        data.get_indicator("X", "RSX14", "1m"), data.get_price("Z"), data.get_klines("X", "7m")
        if not data.positions:
            return Decision("buy", "X", target_portion_of_balance=0.2, leverage=1)
