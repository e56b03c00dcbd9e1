class Cautious:
    """Trades less after losses."""

    def should_trade(self, data):
        losses = [t for t in data.recent_trades[:5] if t.pnl < 0]
        portion = 0.5 if len(losses) < 2 else 0.1
        price = data.get_price("X")
        if not data.positions and int(price * 100) % 3 == 0:
            return Decision("buy", "X", f"{len(losses)} losses", target_portion_of_balance=portion, leverage=2)
        if data.positions and int(price * 100) % 2 == 0:
            return Decision("close", "X")
