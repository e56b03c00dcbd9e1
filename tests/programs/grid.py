class Grid:
    LEVELS = tuple(range(94, 107, 2))

    def init(self, params):
        self.level = None

    def level_of(self, price):
        return sum(1 for each in self.LEVELS if price > each)

    def should_trade(self, data):
        level = self.level_of(data.get_price("X"))
        before, self.level = self.level, level
        if before is None or level == before:
            return Decision("hold", "X", f"level {level}")
        if level < before:
            return Decision("buy", "X", f"level {level}", target_portion_of_balance=0.1, leverage=2)
        return Decision("close", "X", f"level {level}") if data.positions else None
