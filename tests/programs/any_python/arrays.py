import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Fit:
    def should_trade(self, data):
        close = np.array([kline.close for kline in data.get_klines("X", "1m", 40)])
        if len(close) < 12:
            return None
        slope, _ = np.polyfit(np.arange(10), close[-10:], 1)
        windows = sliding_window_view(close, 5).mean(axis=1)
        noise = np.random.default_rng(7).standard_normal(3) + np.random.random()
        reason = f"{slope:.6f} {np.linalg.norm(windows):.6f} {np.fft.rfft(close[-8:]).real.round(6).tolist()} {noise.tolist()}"
        side = "buy" if slope > 0 else "sell"
        return Decision(side, "X", reason, target_portion_of_balance=np.float64(0.2).item(), leverage=int(np.int64(2)))
