"""What chance would have made of what was recorded: rows, trades and markets drawn anew, seeded, on numpy alone."""

from .future_noise import other_future, other_values
from .market_bootstrap import bootstrapped_market
from .noise_walk import noise_values
from .stationary_bootstrap import stationary_bootstrap_indices
from .trade_paths import TradePaths, place_among, reordered_trades, resampled_trades, trade_path

# which rows are drawn
__all__ = ["stationary_bootstrap_indices"]
# trades in another order, and drawn anew
__all__ += ["TradePaths", "place_among", "reordered_trades", "resampled_trades", "trade_path"]
# a market that was not recorded
__all__ += ["bootstrapped_market"]
# a market of which only the past was
__all__ += ["noise_values", "other_future", "other_values"]
