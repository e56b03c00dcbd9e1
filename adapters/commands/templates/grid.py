"""Keeps a grid of limit orders around the price: each that fills is answered by its opposite one step further."""


class Grid:
    def init(self, params):
        self.rungs = params.get("rungs", 10)  # on each side
        self.step = params.get("step_percent", 0.6) / 100
        self.portion = params.get("portion", 0.1)  # of equity in each rung
        self.center = None
        self.selling = set()  # the rungs that sell next, by the tag of their order

    def should_trade(self, data):
        price = data.get_price("BTC")
        working = {order.tag for order in data.open_orders}
        decisions = []
        if self.center is None or abs(price / self.center - 1) > (self.rungs + 1) * self.step:
            if working or data.positions:
                decisions.append(Decision("close", "BTC", cancel_orders=True, reason="left the grid"))
            self.build(price, data.total_equity)
            working = set()
        else:
            filled = {event.tag for event in data.events if event.kind == "fill"}
            self.selling ^= filled - working  # what has filled and works no more is turned round
        return decisions + [self.order(number) for number in self.numbers() if str(number) not in working]

    def numbers(self):
        return range(-self.rungs, self.rungs)

    def build(self, price, equity):
        self.center, self.coins = price, equity * self.portion / price
        self.selling = {str(number) for number in self.numbers() if number >= 0}

    def order(self, number):
        tag, level = str(number), self.center * (1 + number * self.step)
        if tag in self.selling:
            limits = {"min_price": level + self.center * self.step}
            return Decision("sell", "BTC", size=self.coins, leverage=5, post_only=True, tag=tag, **limits)
        return Decision("buy", "BTC", size=self.coins, leverage=5, post_only=True, tag=tag, max_price=level)
