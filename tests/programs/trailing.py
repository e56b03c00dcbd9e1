class Trailing:
    def init(self, params):
        self.peak = None

    def should_trade(self, data):
        price = data.get_price("X")
        if "X" in data.positions:
            self.peak = max(self.peak or price, price)
            if price < self.peak * 0.99:
                self.peak = None
                return Decision("close", "X", "trailing stop")
            return None
        if (
            data.get_indicator("X", "MA5", "1m").get("value", 0)
            and price > data.get_indicator("X", "MA5", "1m")["value"]
        ):
            return Decision("buy", "X", target_portion_of_balance=0.5, leverage=2)
