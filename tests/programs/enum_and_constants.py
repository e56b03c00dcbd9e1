SYMBOL = "X"
LEVERAGE = 3
PORTION = 0.35
RSI_LOW, RSI_HIGH = 35.0, 65.0


class RsiStrategy:
    def should_trade(self, data):
        rsi = data.get_indicator(SYMBOL, "RSI14", "1m").get("value", 50.0)
        position = data.positions.get(SYMBOL)
        if position is None:
            if rsi < RSI_LOW:
                return Decision(ActionType.BUY, SYMBOL, target_portion_of_balance=PORTION, leverage=LEVERAGE)
            if rsi > RSI_HIGH:
                return Decision(ActionType.SELL, SYMBOL, target_portion_of_balance=PORTION, leverage=LEVERAGE)
        elif (position.side == "long" and rsi > 55) or (position.side == "short" and rsi < 45):
            return Decision(ActionType.CLOSE, SYMBOL, reason=f"rsi {rsi:.1f}")
        return Decision(ActionType.HOLD, SYMBOL)
