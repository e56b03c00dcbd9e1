import json
import re
from decimal import Decimal
from enum import Enum, auto
from fractions import Fraction


class Mode(Enum):
    IN = auto()
    OUT = auto()


class Machine:
    def init(self, params):
        self.mode = Mode.OUT

    def should_trade(self, data):
        price = Decimal(str(round(data.get_price("X"), 4)))
        known = json.loads(json.dumps({"price": str(price), "half": float(Fraction(1, 2))}))
        cents = re.search(r"\.(\d)", known["price"])
        if self.mode is Mode.OUT and cents and int(cents[1]) < 5:
            self.mode = Mode.IN
            return Decision("buy", "X", json.dumps(known), target_portion_of_balance=known["half"], leverage=2)
        if self.mode is Mode.IN and len(data.recent_trades) % 2 == 0 and data.timestamp // 60_000 % 4 == 0:
            self.mode = Mode.OUT
            return Decision("close", "X", str(price.quantize(Decimal("0.01"))))
