// What a new program starts from: it trades every symbol that is chosen.

export const template = (symbols) => `class BuyTheDip:
    def init(self, params):
        self.traded = params.get("traded", ${JSON.stringify(symbols.length ? symbols : ["BTC"])})
        self.threshold = params.get("threshold", 30)

    def should_trade(self, data):
        for symbol in self.traded:
            if symbol in data.positions:
                continue
            rsi = data.get_indicator(symbol, "RSI14", "1h")
            if not rsi or rsi["value"] > self.threshold:
                continue
            price = data.get_price(symbol)
            log(f"{symbol}: RSI {rsi['value']:.1f} at {price}")
            return Decision(
                operation="buy",
                symbol=symbol,
                target_portion_of_balance=0.5,
                leverage=2,
                take_profit_price=price * 1.02,
                stop_loss_price=price * 0.99,
                reason=f"RSI {rsi['value']:.1f}",
            )
        return None
`;
