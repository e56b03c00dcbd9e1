class Machine:
    def init(self, params):
        self.state = "idle"
        self.since = None
        self.handlers = {"idle": self.on_idle, "holding": self.on_holding, "cooling": self.on_cooling}

    def on_idle(self, data):
        if data.get_price("X") < 98:
            self.state, self.since = "holding", data.timestamp
            return Decision("buy", "X", "dip", target_portion_of_balance=0.5, leverage=2)

    def on_holding(self, data):
        if data.get_price("X") > 102 or data.timestamp - self.since > 20 * 60_000:
            self.state, self.since = "cooling", data.timestamp
            return Decision("close", "X", "done")

    def on_cooling(self, data):
        if data.timestamp - self.since >= 5 * 60_000:
            self.state = "idle"

    def should_trade(self, data):
        return self.handlers[self.state](data)
