class Flow:
    """Asks for flow that is not there; falls back to price."""

    def should_trade(self, data):
        cvd = data.get_flow("X", "CVD", "5m")
        regime = data.get_regime("X", "5m")
        ticker = data.get_market_data("X")
        change = data.get_price_change("X", "5m")
        if cvd.get("current", 0) > 0 or regime.regime == "breakout":
            return Decision("buy", "X", target_portion_of_balance=0.2, leverage=2)
        if change["change_percent"] > 1 and not data.positions:
            return Decision("sell", "X", f"{ticker['price']:.2f}", target_portion_of_balance=0.2, leverage=2)
        if change["change_percent"] < -1 and data.positions:
            return Decision("close", "X")
