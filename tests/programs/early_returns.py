class Early:
    def should_trade(self, data):
        if data.trigger_type != "scheduled":
            return None
        if data.available_balance <= 0:
            return None
        if len(data.positions) >= 1:
            pnl = sum(p.unrealized_pnl for p in data.positions.values())
            if pnl > 20 or pnl < -20:
                return Decision("close", "X", f"pnl {pnl:.2f}")
            return None
        return Decision("sell" if data.get_price("X") > 100 else "buy", "X", target_portion_of_balance=0.5, leverage=2)
