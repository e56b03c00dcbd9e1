"""Holds the strongest of several symbols for the same risk each: what falls behind goes, what leads comes, at once."""


class Strongest:
    def init(self, params):
        self.symbols = params.get("symbols", ["BTC", "ETH", "SOL"])
        self.count = params.get("count", 2)  # how many are held
        self.days = params.get("days", 7)  # over which they are compared
        self.risk = params.get("risk_percent", 2.0)  # of equity, if a stop fills at its price

    def should_trade(self, data):
        gains = {symbol: self.gain(data, symbol) for symbol in self.symbols}
        rising = [symbol for symbol in self.symbols if gains[symbol] is not None and gains[symbol] > 0]
        wanted = sorted(rising, key=gains.get, reverse=True)[: self.count]
        leave = [Decision("close", symbol, reason="others lead") for symbol in data.positions if symbol not in wanted]
        enter = [self.entry(data, symbol) for symbol in wanted if symbol not in data.positions]
        return leave + enter

    def gain(self, data, symbol):
        days = data.get_klines(symbol, "1d", self.days + 1)
        return days[-1].close / days[0].close - 1 if len(days) > self.days else None

    def entry(self, data, symbol):
        stop = data.get_price(symbol) * 0.92
        return Decision(
            "buy", symbol, risk_percent=self.risk, leverage=3, stop_loss_price=stop, tag=symbol, reason="leads"
        )
