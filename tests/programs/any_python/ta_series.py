import pandas as pd
import talib


class Series:
    def should_trade(self, data):
        close = pd.Series([kline.close for kline in data.get_klines("X", "1m", 60)])
        if len(close) < 30:
            return None
        rsi = talib.RSI(close, 14)
        side = "buy" if rsi.iloc[-1] < 50 else "sell"
        return Decision(side, "X", f"{rsi.iloc[-1]:.8f} {rsi.rolling(3).mean().iloc[-1]:.8f}", target_portion_of_balance=0.2, leverage=2)
