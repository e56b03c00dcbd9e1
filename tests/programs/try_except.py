class Careful:
    def init(self, params):
        self.errors = 0

    def should_trade(self, data):
        try:
            value = data.get_indicator("X", "RSI7", "1m")["value"]
            ratio = 1 / (value - 50.0)
        except ZeroDivisionError:
            self.errors += 1
            return None
        except (KeyError, IndexError) as e:
            log(f"missing: {e}")
            return None
        except Exception as e:
            log("error: " + str(e), type(e).__name__)
            return None
        else:
            log(f"{ratio:+.4f}")
        finally:
            self.seen = True
        if value < 40 and "X" not in data.positions:
            return Decision("buy", "X", target_portion_of_balance=0.25, leverage=4)
        if value > 60 and "X" in data.positions:
            return Decision("close", "X")
