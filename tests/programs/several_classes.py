class First:
    def should_trade(self, data):
        return Decision("buy", "X", "first", target_portion_of_balance=1.0)


class Second:
    def should_trade(self, data):
        if not data.positions and data.get_price("X") < 98:
            return Decision("buy", "X", "second", target_portion_of_balance=0.1)
        if data.positions and data.get_price("X") > 102:
            return Decision("close", "X", "second")
