class BuiltUp:
    def should_trade(self, data):
        d = Decision("hold", "X")
        price = data.get_price("X")
        if price < 97 and not data.positions:
            d.operation = "BUY"
            d.target_portion_of_balance = 0.3
            d.leverage = 4
            d.reason = "low"
        elif price > 103 and data.positions:
            d.operation = "Close"
        return d
