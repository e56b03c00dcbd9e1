from collections import Counter, OrderedDict, defaultdict, deque, namedtuple

Seen = namedtuple("Seen", "price up")


class Ring:
    def init(self, params):
        self.ring, self.counts, self.sides = deque(maxlen=6), Counter(), defaultdict(list)

    def should_trade(self, data):
        price = data.get_price("X")
        self.ring.append(Seen(price, bool(self.ring) and price > self.ring[-1].price))
        self.counts[self.ring[-1].up] += 1
        self.sides[self.ring[-1].up].append(price)
        ups = sum(each.up for each in self.ring)
        order = OrderedDict(ups=ups, all=len(self.ring))
        side = "buy" if order["ups"] * 2 > order["all"] else "sell"
        reason = f"{self.counts.most_common(1)} {len(self.sides)}"
        return Decision(side, "X", reason, target_portion_of_balance=0.2, leverage=1)
