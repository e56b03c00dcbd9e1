class Pyramid:
    MAX_ADDS = 3

    def init(self, params):
        self.adds = 0

    def should_trade(self, data):
        pos = data.positions.get("X")
        price = data.get_price("X")
        if pos is None:
            self.adds = 0
            if price < 96:
                return Decision("buy", "X", target_portion_of_balance=0.1, leverage=2)
        elif pos.unrealized_pnl > 0 and self.adds < self.MAX_ADDS:
            self.adds += 1
            return Decision("buy", "X", f"add {self.adds}", target_portion_of_balance=0.1, leverage=2)
        elif price > 104:
            return Decision("close", "X", target_portion_of_balance=1.0)
        return None
