"""Enters when a signal pool fires, and leaves on the clock: the schedule is there to look at what is open."""


class OnSignals:
    def init(self, params):
        self.hours = params.get("hours", 12)

    def should_trade(self, data):
        if data.trigger_type == "signal":
            return self.enter(data, data.trigger_symbol)
        for symbol, position in data.positions.items():
            if position.holding_duration_seconds >= self.hours * 3_600:
                return Decision("close", symbol, reason="time is up")
        return None

    def enter(self, data, symbol):
        if symbol in data.positions:
            return None
        price = data.get_price(symbol)
        for signal in data.triggered_signals:
            log(f"{data.signal_pool_name}: {signal}")
        return Decision(
            "buy",
            symbol,
            target_portion_of_balance=0.3,
            leverage=2,
            take_profit_price=price * 1.03,
            stop_loss_price=price * 0.98,
            reason=data.signal_pool_name,
        )
