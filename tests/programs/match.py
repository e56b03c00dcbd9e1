class Matching:
    def should_trade(self, data):
        klines = data.get_klines("X", "1m", 3)
        match [k.close > k.open for k in klines[-2:]], bool(data.positions):
            case [True, True], False:
                return Decision("buy", "X", target_portion_of_balance=0.2, leverage=2)
            case [False, *_], True:
                return Decision("close", "X")
            case _:
                return None
