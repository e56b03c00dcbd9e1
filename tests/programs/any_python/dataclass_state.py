from dataclasses import dataclass, field


@dataclass
class State:
    """What is kept from trigger to trigger."""

    closes: list[float] = field(default_factory=list)
    entries: int = 0


@dataclass
class Momentum:
    state: State = field(default_factory=State)

    def should_trade(self, data):
        self.state.closes.append(data.get_price("X"))
        last = self.state.closes[-3:]
        if data.positions and last[-1] < last[0]:
            return Decision("close", "X")
        if not data.positions and last[-1] > last[0]:
            self.state.entries += 1
            return Decision("buy", "X", f"entry {self.state.entries}", target_portion_of_balance=0.4, leverage=2)
        return None
