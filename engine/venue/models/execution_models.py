"""The models of one run together."""

from __future__ import annotations

from dataclasses import dataclass

from ...config import BacktestConfig
from .fees import FeeModel, FeeTier, MakerTakerFee, TieredFee
from .latency import ConstantLatency, LatencyModel, LognormalLatency, TimeOfDayLatency
from .slippage import PercentSlippage, ShareOfVolume, SlippageModel, SpreadSlippage, VolumeCap, VolumeShareSlippage


@dataclass(frozen=True, kw_only=True)
class ExecutionModels:
    """How the orders of a run are executed: `slippage` says at which price, `fees` what that costs, `latency` how long
    an order is under way, `volume_cap` how much of a kline fills. None stands for what the configuration says (a cap:
    for none).
    """

    slippage: SlippageModel | None = None
    fees: FeeModel | None = None
    latency: LatencyModel | None = None
    volume_cap: VolumeCap | None = None

    def completed(self, config: BacktestConfig, tiers: tuple[FeeTier, ...] = ()) -> CompleteModels:
        """Return the models with every gap filled from the configuration; `tiers` are the venue's fees, if any."""
        cap = config.volume_cap_percent
        return CompleteModels(
            self.slippage or _slippage(config),
            self.fees or _fees(config, tiers),
            self.latency or _latency(config),
            self.volume_cap or (None if cap is None else ShareOfVolume(cap)),
        )


@dataclass(frozen=True)
class CompleteModels:
    """The models that a run uses."""

    slippage: SlippageModel
    fees: FeeModel
    latency: LatencyModel
    volume_cap: VolumeCap | None


def _slippage(config: BacktestConfig) -> SlippageModel:
    percent = config.slippage_percent
    if config.slippage_model == "volume_share":
        return VolumeShareSlippage(config.slippage_impact_percent, percent)
    return SpreadSlippage(percent) if config.slippage_model == "spread" else PercentSlippage(percent)


def _fees(config: BacktestConfig, tiers: tuple[FeeTier, ...]) -> FeeModel:
    if config.fee_model == "flat":
        return MakerTakerFee(config.fee_rate, config.fee_rate)
    if tiers and config.fee_model in (None, "tiers"):
        return TieredFee(tiers)
    return MakerTakerFee(config.fee_rate, config.maker_percent)


def _latency(config: BacktestConfig) -> LatencyModel:
    if config.latency_model == "lognormal":
        return LognormalLatency(config.order_latency_ms, config.latency_sigma, config.latency_seed)
    if config.latency_model == "time_of_day":
        return TimeOfDayLatency(tuple(config.latency_by_hour_ms))
    return ConstantLatency(config.order_latency_ms)
