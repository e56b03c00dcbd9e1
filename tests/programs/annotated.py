from_price: float = 0.0


class Annotated(Strategy):
    threshold: float = 0.5
    history: list[float]

    def init(self, params: dict[str, object]) -> None:
        self.history = []
        self.count: int = 0

    def should_trade(self, data: MarketData) -> Decision | None:
        price: float = data.get_price("X")
        self.history.append(price)
        self.count += 1
        if self.count % 7 == 0:
            return Decision("buy", "X", target_portion_of_balance=0.2, leverage=3)
        if self.count % 7 == 4:
            return Decision("close", "X")
        return None
