class Bad:
    """Decisions that the exchange refuses."""

    def init(self, params):
        self.n = 0

    def should_trade(self, data):
        self.n += 1
        return [
            Decision("buy", "Y", target_portion_of_balance=0.5),
            Decision("buy", "X", target_portion_of_balance=float("nan")),
            Decision("buy", "X", target_portion_of_balance=0.5, leverage=10**20),
            Decision("buy", "X", target_portion_of_balance=0.5, take_profit_price=float("inf")),
            Decision("fly", "X"),
            Decision("buy", "X", target_portion_of_balance=0.5, leverage=2),
            Decision("close", "X"),
            Decision("close", "X"),
        ][self.n % 8]
