import numpy as np
import talib


class Library:
    def should_trade(self, data):
        close = np.array([kline.close for kline in data.get_klines("X", "1m", 60)])
        if len(close) < 30:
            return None
        rsi, mean = talib.RSI(close, 14)[-1], talib.EMA(close, timeperiod=10)[-1]
        side = "buy" if rsi < 50 else "sell"
        return Decision(side, "X", f"{rsi:.8f} {mean:.8f}", target_portion_of_balance=0.2, leverage=2)
