"""Quotes both sides of the market with orders that only rest, and leans against what it holds."""


class Maker:
    def init(self, params):
        self.distance = params.get("distance_percent", 0.15) / 100
        self.tolerance = params.get("tolerance_percent", 0.03) / 100
        self.quote = params.get("quote", 0.1)  # of equity: the size of a quote
        self.most = params.get("most", 1.0)  # of equity: the most that is held either way

    def should_trade(self, data):
        price, held = data.get_price("BTC"), data.positions.get("BTC")
        coins = 0.0 if held is None else held.size if held.side == "long" else -held.size
        fullness = coins * price / (self.most * data.total_equity)  # -1 to 1
        middle = price * (1 - self.distance * fullness / 2)
        size = self.quote * data.total_equity / price
        working = {order.tag: order for order in data.open_orders}
        return [
            *self.side("bid", middle * (1 - self.distance), size if fullness < 1 else 0, working),
            *self.side("ask", middle * (1 + self.distance), size if fullness > -1 else 0, working),
        ]

    def side(self, tag, price, size, working):
        order = working.get(tag)
        if not size:
            return [Decision("cancel", "BTC", tag=tag)] if order else []
        limit = {"max_price": price} if tag == "bid" else {"min_price": price}
        if order is None:
            operation = "buy" if tag == "bid" else "sell"
            return [Decision(operation, "BTC", size=size, leverage=5, post_only=True, tag=tag, **limit)]
        if abs(order.price / price - 1) < self.tolerance:
            return []
        return [Decision("amend", "BTC", tag=tag, **limit)]
