import math
import os
import random
import secrets
import statistics
import uuid


class Chance:
    def init(self, params):
        random.seed()
        self.own, self.system = random.Random(), random.SystemRandom()

    def should_trade(self, data):
        drawn = [random.random(), self.own.random(), self.system.random(), secrets.randbelow(1_000)]
        drawn += [int.from_bytes(os.urandom(2), "big"), uuid.uuid4().int % 1_000]
        reason = f"{drawn} {secrets.token_hex(4)} {statistics.stdev(drawn):.6f} {math.fsum(drawn):.6f}"
        side = random.choice(["buy", "sell"])
        return Decision(side, "X", reason, target_portion_of_balance=0.1 + random.random() / 5, leverage=1)
