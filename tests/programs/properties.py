class Account:
    def __init__(self, data):
        self._data = data

    @property
    def is_flat(self):
        return not self._data.positions

    @property
    def risk(self):
        return self._data.margin_usage_percent / 100

    @staticmethod
    def clamp(value, low, high):
        return max(low, min(high, value))

    @classmethod
    def of(cls, data):
        return cls(data)


class WithProperties:
    def should_trade(self, data):
        account = Account.of(data)
        size = Account.clamp(0.1 + account.risk, 0.1, 1.0)
        if account.is_flat and data.get_price("X") < 97:
            return Decision("buy", "X", target_portion_of_balance=size, leverage=2)
        if not account.is_flat and data.get_price("X") > 103:
            return Decision("close", "X")
