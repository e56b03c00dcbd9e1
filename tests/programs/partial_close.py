class Partial:
    def should_trade(self, data):
        pos = data.positions.get("X")
        if not pos:
            return Decision("sell", "X", target_portion_of_balance=0.6, leverage=2)
        log(
            f"{pos.side} {pos.size:.4f} @ {pos.entry_price} held {pos.holding_duration_str}, opened {pos.opened_at_str}"
        )
        if pos.holding_duration_seconds >= 300:
            return Decision("close", "X", target_portion_of_balance=0.5)
