class Bare:
    def should_trade(self, data):
        try:
            x = data.no_such_thing
        except:
            x = data.get_price("X")
        if x > 103 and not data.positions:
            return Decision("sell", "X", target_portion_of_balance=0.5, leverage=2)
        if x < 97 and data.positions:
            return Decision("close", "X")
