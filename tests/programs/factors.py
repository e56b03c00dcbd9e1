"""Asks for factors as the live platform's guide does, by position and by keyword, and does without them."""


class Factors:
    def should_trade(self, data):
        symbol = data.trigger_symbol or "X"
        trend = data.get_factor(symbol, "RSI21", "1h")
        strength = data.get_factor(symbol=symbol, factor_name="ADX14")
        best = data.get_factor_ranking(symbol, top_n=3) or data.get_factor_ranking("NOPE")
        log(sorted(trend), trend["period"], strength["period"], strength.get("ic"), len(best))
        nothing = [None, "many"]
        data.get_factor(nothing[0], nothing, nothing[1]), data.get_factor_ranking(nothing[0], nothing[1])
        if trend["value"] is not None and trend["value"] < 40 and symbol not in data.positions:
            return Decision(operation="buy", symbol=symbol, target_portion_of_balance=0.2, leverage=3)
        if symbol not in data.positions and data.get_market_data(symbol).get("price", 0) < 100:
            return Decision(operation="buy", symbol=symbol, target_portion_of_balance=0.2, leverage=3)
        return Decision(operation="hold", symbol=symbol, reason="no factor signal")
