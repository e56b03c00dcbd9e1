class Sets:
    """Walks over sets, whose order is that of the hashes of text."""

    def should_trade(self, data):
        names = {f"name {n}" for n in range(20)} | {"X", "Y", "Z"}
        first = next(iter(names))
        side = "buy" if hash(first) % 2 else "sell"
        return Decision(side, "X", f"{list(names)[:5]} {hash('X')}", target_portion_of_balance=0.2, leverage=2)
