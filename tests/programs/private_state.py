class PrivateState:
    _limit = 3

    def __init__(self):
        self._prices = []
        self.__streak = 0
        self._last = None

    def _remember(self, price):
        self._prices.append(price)
        if len(self._prices) > 50:
            self._prices.pop(0)
        if self._last is not None:
            self.__streak = self.__streak + 1 if price > self._last else 0
        self._last = price

    def should_trade(self, data):
        self._remember(data.get_price("X"))
        if self.__streak >= self._limit and not data.positions:
            return Decision("buy", "X", "streak", target_portion_of_balance=0.3, leverage=2)
        if data.positions and self.__streak == 0:
            return Decision("close", "X")
