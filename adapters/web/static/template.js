// What a new program starts from.

export const TEMPLATE = `class BuyTheDip:
    def init(self, params):
        self.symbol = params.get("symbol", "BTC")
        self.threshold = params.get("threshold", 30)

    def should_trade(self, data):
        symbol = data.trigger_symbol or self.symbol
        if symbol in data.positions:
            return None
        rsi = data.get_indicator(symbol, "RSI14", "1h")
        if not rsi or rsi["value"] > self.threshold:
            return None
        price = data.get_price(symbol)
        log(f"RSI {rsi['value']:.1f} at {price}")
        return Decision(
            operation="buy",
            symbol=symbol,
            target_portion_of_balance=0.5,
            leverage=2,
            take_profit_price=price * 1.02,
            stop_loss_price=price * 0.99,
            reason=f"RSI {rsi['value']:.1f}",
        )
`;
