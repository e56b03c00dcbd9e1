"""How orders are executed: models of slippage, fees, latency and volume, each with one method."""

from .execution_models import CompleteModels, ExecutionModels
from .fees import FeeModel, FeeTier, TieredFee, TradedVolume
from .latency import ConstantLatency, LatencyModel, LognormalLatency, TimeOfDayLatency
from .slippage import (
    MarketOrder,
    ShareOfVolume,
    SlippageModel,
    SpreadSlippage,
    VolumeCap,
    VolumeShareSlippage,
    recorded_spread,
)

# all of them together
__all__ = ["CompleteModels", "ExecutionModels"]
# slippage and volume
__all__ += ["MarketOrder", "ShareOfVolume", "SlippageModel", "SpreadSlippage", "VolumeCap", "VolumeShareSlippage"]
__all__ += ["recorded_spread"]
# fees
__all__ += ["FeeModel", "FeeTier", "TieredFee", "TradedVolume"]
# latency
__all__ += ["ConstantLatency", "LatencyModel", "LognormalLatency", "TimeOfDayLatency"]
