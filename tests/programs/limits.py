class Limits:
    def should_trade(self, data):
        price = data.get_price("X")
        if not data.positions:
            return Decision(
                "buy", "X", target_portion_of_balance=0.3, leverage=2, max_price=price * 1.001, time_in_force="Ioc"
            )
        return Decision("close", "X", min_price=price * 0.999)
