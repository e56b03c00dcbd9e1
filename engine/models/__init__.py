"""How orders are executed: models of slippage, fees, latency and volume, each with one method."""

from .execution_models import ExecutionModels
from .fees import FeeModel, FeeTier, FlatFee, MakerTakerFee, TieredFee
from .latency import ConstantLatency, LatencyModel, LognormalLatency, TimeOfDayLatency
from .slippage import MarketOrder, PercentSlippage, SlippageModel, SpreadSlippage, VolumeShareSlippage
from .traded_volume import TradedVolume
from .volume_cap import ShareOfVolume, VolumeCap

__all__ = [
    "ConstantLatency",
    "ExecutionModels",
    "FeeModel",
    "FeeTier",
    "FlatFee",
    "LatencyModel",
    "LognormalLatency",
    "MakerTakerFee",
    "MarketOrder",
    "PercentSlippage",
    "ShareOfVolume",
    "SlippageModel",
    "SpreadSlippage",
    "TieredFee",
    "TimeOfDayLatency",
    "TradedVolume",
    "VolumeCap",
    "VolumeShareSlippage",
]
