"""Goes with the trend of the hours: long above the slow average, out below it. Write your own rule into `is_up`."""


class Trend:
    def init(self, params):
        self.fast = params.get("fast", 20)
        self.slow = params.get("slow", 50)

    def should_trade(self, data):
        for symbol in ("BTC", "ETH"):
            held = symbol in data.positions
            if held and not self.is_up(data, symbol):
                return Decision("close", symbol, reason="the trend is over")
            if not held and self.is_up(data, symbol):
                price, atr = data.get_price(symbol), data.get_indicator(symbol, "ATR14", "1h")["value"]
                return Decision(
                    "buy",
                    symbol,
                    target_portion_of_balance=0.4,
                    leverage=2,
                    stop_loss_price=price - 4 * atr,
                    reason="the trend goes up",
                )
        return None

    def is_up(self, data, symbol):
        fast = data.get_indicator(symbol, f"EMA{self.fast}", "1h")
        slow = data.get_indicator(symbol, f"EMA{self.slow}", "1h")
        return bool(fast and slow and fast["value"] > slow["value"])
