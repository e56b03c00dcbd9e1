"""Cash, positions and what a fill does to them, by section 4 (Position, Liquidation) and 5 of the design."""

from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass
class Tier:
    """From this notional on: maintenance margin = rate x notional - deduction."""

    notional_from: float
    rate: float
    deduction: float


@dataclass
class Held:
    """An open position: sign +1 long, -1 short; `funding` received (+) so far."""

    symbol: str
    sign: int
    size: float
    entry: float
    margin: float
    fees: float
    funding: float = 0.0

    def profit(self, price: float) -> float:
        return self.sign * (price - self.entry) * self.size

    def own(self) -> float:
        """What stands for an isolated position."""
        return self.margin + self.funding


class Deal(NamedTuple):
    """A fill as the comparison sees it."""

    time_ms: int
    symbol: str
    side: str
    size: float
    price: float
    fee: float
    purpose: str


@dataclass
class Purse:
    """The account. `isolated` bounds what each position can lose; `covered` is what was beyond."""

    cash: float
    isolated: bool
    held: dict[str, Held] = field(default_factory=dict)
    deals: list[Deal] = field(default_factory=list)
    funding: float = 0.0
    fees: float = 0.0
    covered: float = 0.0
    lowest: float = 0.0

    def used_margin(self) -> float:
        return sum(held.margin for held in self.held.values())

    def enter(self, deal: Deal, leverage: float) -> None:
        sign = 1 if deal.side == "buy" else -1
        margin = deal.size * deal.price / leverage
        held = self.held.get(deal.symbol)
        if held is None:
            self.held[deal.symbol] = Held(deal.symbol, sign, deal.size, deal.price, margin, deal.fee)
        else:
            total = held.size + deal.size
            held.entry = (held.entry * held.size + deal.price * deal.size) / total
            held.size, held.margin, held.fees = total, held.margin + margin, held.fees + deal.fee
        self.cash -= deal.fee
        self.fees += deal.fee
        self.deals.append(deal)

    def leave(self, deal: Deal) -> bool:
        """Close (a share of) a position; tell whether it is gone."""
        held = self.held[deal.symbol]
        gone = deal.size >= held.size * (1 - 1e-12)
        share = 1.0 if gone else deal.size / held.size
        change = held.sign * (deal.price - held.entry) * deal.size - deal.fee
        if self.isolated:
            excess = -held.own() * share - change
            if excess > 0:
                self.covered += excess
                change += excess
        self.cash += change
        self.fees += deal.fee
        self.deals.append(deal)
        if gone:
            del self.held[deal.symbol]
            if not self.isolated and not self.held:
                self.lowest = min(self.lowest, self.cash)
            return True
        for name in ("margin", "fees", "funding"):
            setattr(held, name, getattr(held, name) * (1 - share))
        held.size -= deal.size
        return False

    def settle(self, symbol: str, rate: float, price: float) -> None:
        """Funding: long pays rate x notional when positive."""
        held = self.held.get(symbol)
        if held is not None:
            amount = -held.sign * rate * price * held.size
            self.cash += amount
            self.funding += amount
            held.funding += amount


def maintenance(tiers: list[Tier], notional: float) -> float:
    found = tiers[0]
    for tier in tiers:
        if notional >= tier.notional_from:
            found = tier
    return found.rate * notional - found.deduction
