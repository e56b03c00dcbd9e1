class Window:
    def __init__(self, size):
        self.size = size
        self.items = []

    def __len__(self):
        return len(self.items)

    def __iter__(self):
        return iter(self.items)

    def __getitem__(self, place):
        return self.items[place]

    def __contains__(self, item):
        return item in self.items

    def __repr__(self):
        return f"Window({self.items!r})"

    def push(self, item):
        self.items.append(item)
        while len(self) > self.size:
            del self.items[0]


class Special:
    def init(self, params):
        self.window = Window(5)

    def should_trade(self, data):
        self.window.push(round(data.get_price("X"), 2))
        log(self.window, len(self.window), self.window[-1] in self.window)
        if len(self.window) == 5 and self.window[-1] == max(self.window) and not data.positions:
            return Decision("buy", "X", target_portion_of_balance=0.2, leverage=1)
        if self.window[-1] == min(self.window) and data.positions:
            return Decision("close", "X")
