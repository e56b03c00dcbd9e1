COUNT = 0
_history = []


def note(price):
    global COUNT
    COUNT += 1
    _history.append(price)


class Globals:
    def should_trade(self, data):
        note(data.get_price("X"))
        if COUNT % 9 == 0:
            return Decision("buy", "X", str(len(_history)), target_portion_of_balance=0.2, leverage=2)
        if COUNT % 9 == 5:
            return Decision("close", "X")
