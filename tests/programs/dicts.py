class Dicts:
    def init(self, params):
        self.state = {"count": 0, "prices": [], "best": None}
        self.weights = {"a": 0.5, "b": 0.3, **{"c": 0.2}}

    def should_trade(self, data):
        s = self.state
        s["count"] += 1
        s["prices"].append(data.get_price("X"))
        s["prices"] = s["prices"][-10:]
        s.setdefault("peaks", {})[s["count"]] = max(s["prices"])
        for key, weight in sorted(self.weights.items(), key=lambda kv: -kv[1]):
            s[key] = weight * s["prices"][-1]
        del s["a"]
        score = sum(v for k, v in s.items() if k in self.weights)
        if score > 51.5 and not data.positions:
            return Decision("sell", "X", f"score {score:.3f}", target_portion_of_balance=0.3, leverage=5)
        if score < 48.5 and data.positions:
            return Decision("close", "X", f"score {score:.3f}")
