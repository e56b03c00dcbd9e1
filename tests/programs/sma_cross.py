"""Buy when the fast average crosses above the slow one."""


class SmaCross:
    def init(self, params):
        self.fast = int(params.get("fast", 5))
        self.slow = int(params.get("slow", 20))
        self.symbol = params.get("symbol", "X")

    def should_trade(self, data):
        klines = data.get_klines(self.symbol, "1m", self.slow)
        if len(klines) < self.slow:
            return None
        closes = [k.close for k in klines]
        fast = sum(closes[-self.fast :]) / self.fast
        slow = sum(closes) / len(closes)
        if fast > slow and self.symbol not in data.positions:
            return Decision(
                operation="buy",
                symbol=self.symbol,
                target_portion_of_balance=0.5,
                leverage=2,
                reason=f"fast {fast:.2f} > slow {slow:.2f}",
            )
        if fast < slow and self.symbol in data.positions:
            return Decision(operation="close", symbol=self.symbol, reason="cross down")
        return Decision(operation="hold", symbol=self.symbol)
