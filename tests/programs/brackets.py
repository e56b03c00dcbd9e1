class WithBrackets:
    def init(self, params):
        self.tp = params.get("tp", 1.5) / 100
        self.sl = params.get("sl", 1.0) / 100

    def should_trade(self, data):
        if data.positions or data.open_orders:
            return None
        price = data.get_price("X")
        atr = data.get_indicator("X", "ATR14", "1m").get("value") or 1.0
        return Decision(
            operation="buy",
            symbol="X",
            reason=f"atr={atr:.3f}",
            trading_strategy="brackets",
            target_portion_of_balance=0.5,
            leverage=3,
            take_profit_price=price * (1 + self.tp),
            stop_loss_price=price * (1 - self.sl),
            tp_execution="market",
            sl_execution="market",
        )
