class Series:
    def should_trade(self, data):
        ema = data.get_indicator("X", "EMA20", "1m")
        series = ema.get("series", [])
        if len(series) < 25:
            return None
        slope = series[-1] - series[-3]
        log({key: type(value).__name__ for key, value in ema.items()})
        if slope > 0.2 and not data.positions:
            return Decision("buy", "X", f"slope {slope:.3f}", target_portion_of_balance=0.3, leverage=2)
        if slope < -0.2 and data.positions:
            return Decision("close", "X", f"slope {slope:.3f}")
