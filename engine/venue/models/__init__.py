"""How orders are executed: models of slippage, fees, latency and volume, each with one method."""

from .execution_models import CompleteModels, ExecutionModels
from .fees import FeeModel, FeeTier, FlatFee, MakerTakerFee, TieredFee
from .latency import ConstantLatency, LatencyModel, LognormalLatency, TimeOfDayLatency
from .slippage import MarketOrder, PercentSlippage, SlippageModel, SpreadSlippage, VolumeShareSlippage
from .traded_volume import TradedVolume
from .volume_cap import ShareOfVolume, VolumeCap

__all__ = [
    # execution models
    "CompleteModels",
    "ExecutionModels",
    # fees
    "FeeModel",
    "FeeTier",
    "FlatFee",
    "MakerTakerFee",
    "TieredFee",
    # latency
    "ConstantLatency",
    "LatencyModel",
    "LognormalLatency",
    "TimeOfDayLatency",
    # slippage
    "MarketOrder",
    "PercentSlippage",
    "SlippageModel",
    "SpreadSlippage",
    "VolumeShareSlippage",
    # traded volume
    "TradedVolume",
    # volume cap
    "ShareOfVolume",
    "VolumeCap",
]
