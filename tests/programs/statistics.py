class ZScore:
    def should_trade(self, data):
        closes = [k.close for k in data.get_klines("X", "1m", 30)]
        if len(closes) < 10:
            return
        spread = statistics.pstdev(closes)
        z = (closes[-1] - statistics.mean(closes)) / spread if spread else 0
        if z > 1.2 and not data.positions:
            return Decision("sell", "X", f"z={z:.2f}", target_portion_of_balance=0.5, leverage=2)
        if abs(z) < 0.3 and data.positions:
            return Decision("close", "X", f"z={z:.2f}")
