import pandas as pd


class Bands:
    def should_trade(self, data):
        frame = pd.DataFrame([kline._asdict() for kline in data.get_klines("X", "1m", 30)])
        frame.index = pd.to_datetime(frame["timestamp"], unit="s")
        mean, spread = frame["close"].rolling(10).mean(), frame["close"].rolling(10).std()
        resampled = frame["close"].resample("5min").last().ffill().pct_change()
        reason = f"{mean.iloc[-1]:.4f} {resampled.tail(1).to_dict()}"
        if frame["close"].iloc[-1] < (mean - spread).iloc[-1]:
            return Decision("buy", "X", reason, target_portion_of_balance=0.3, leverage=2)
        if frame["close"].iloc[-1] > (mean + spread).iloc[-1] and data.positions:
            return Decision("close", "X", reason)
        return Decision("hold", "X", reason=frame.describe().round(3).to_string())
