"""How orders are executed: models of slippage, fees, latency and volume, each with one method."""

from .execution_models import CompleteModels, ExecutionModels
from .fees import FeeModel, FeeTier, FlatFee, MakerTakerFee, TieredFee
from .latency import ConstantLatency, LatencyModel, LognormalLatency, TimeOfDayLatency
from .slippage import MarketOrder, PercentSlippage, SlippageModel, SpreadSlippage, VolumeShareSlippage
from .traded_volume import TradedVolume
from .volume_cap import ShareOfVolume, VolumeCap

# all of them together
__all__ = ["CompleteModels", "ExecutionModels"]
# slippage
__all__ += ["MarketOrder", "PercentSlippage", "SlippageModel", "SpreadSlippage", "VolumeShareSlippage"]
# fees
__all__ += ["FeeModel", "FeeTier", "FlatFee", "MakerTakerFee", "TieredFee", "TradedVolume"]
# latency
__all__ += ["ConstantLatency", "LatencyModel", "LognormalLatency", "TimeOfDayLatency"]
# volume
__all__ += ["ShareOfVolume", "VolumeCap"]
