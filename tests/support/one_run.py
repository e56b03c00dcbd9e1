"""One whole run, printed as JSON: what must be the same bytes in every process, order, hash seed and time zone.

``python -m tests.support.one_run ORDER`` announces the processes in the order that the number shuffles them into.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Sequence
from typing import Any

from engine import Decision, Fill, IndicatorCondition, MarketData, MarketHistory, Phase, Simulation, TriggerEvent
from processes import IndicatorSignal, TriggerTimes, make_executor, order_watcher, scheduled_ticks, signal_source
from processes import strategy_agent as agent
from tests.support.runs import MINUTE, START, config, market, walk

SYMBOLS = ("ETH", "BTC", "SOL")
MINUTES = 900


def history() -> MarketHistory:
    """Three symbols with holes."""
    return market(**{name: walk(MINUTES + 60, seed, holes=0.05) for seed, name in enumerate(SYMBOLS)})


class Trader:
    """Decides by what it sees: prices, indicators, positions, the trigger, and sets of names."""

    def should_trade(self, data: MarketData) -> Decision | None:
        name = data.trigger_symbol
        if data.trigger_type == "scheduled":
            name = max(SYMBOLS, key=lambda each: (data.get_price_change(each, "15m")["change_percent"], each))
        price, strength = data.get_price(name), data.get_indicator(name, "RSI14", "5m").get("value", 50.0)
        if name in data.positions and strength > 60:
            return Decision("close", name, f"{strength:.3f}", target_portion_of_balance=0.5)
        sign = 1 if strength < 50 else -1
        return Decision(
            "buy" if sign > 0 else "sell",
            name,
            f"{strength:.3f} {sorted({*data.positions})} {len(data.open_orders)}",
            target_portion_of_balance=0.2,
            leverage=3,
            take_profit_price=price * (1 + sign * 0.006),
            stop_loss_price=price * (1 - sign * 0.004),
        )


def whole_run(order: int, market_history: MarketHistory | None = None, **fields: Any) -> dict[str, Any]:
    """Run it with the processes announced in a shuffled order (0: as usual) and return the result as a dict."""
    fields = {"scheduled_interval": "5m", "slippage_percent": 0.05, "fee_rate": 0.035, **fields}
    sim = Simulation(market_history or history(), config(Trader, MINUTES, SYMBOLS, **fields))
    told: list[str] = []
    signals = [
        TriggerTimes("SOL", [START + k * 35 * MINUTE for k in range(20)], "times"),
        IndicatorSignal(IndicatorCondition("indicator:RSI7", "<", 30.0, "5m"), "low"),
    ]
    announced: list[tuple[str, Any, Sequence[Any]]] = [
        ("scheduled_ticks", scheduled_ticks, (sim.config.interval_ms,)),
        ("signal_source", signal_source, (signals,)),
        ("order_watcher", order_watcher, ()),
        ("strategy_agent", agent, (make_executor(sim.config),)),
        ("listener a", listener, ("a", told)),
        ("listener b", listener, ("b", told)),
        ("trader", trader, ()),
    ]
    if order:
        random.Random(order).shuffle(announced)
    for name, function, arguments in announced:
        sim.standard_process(name, function, *arguments)
    result = sim.run()
    return {"result": result.to_dict(timing=False, all_triggers=True), "told": told}


def listener(sim: Simulation, name: str, told: list[str]) -> Any:
    """Write down what it hears, in the bookkeeping phase."""
    fills, triggers = sim.subscribe(Fill, Phase.BOOKKEEPING), sim.subscribe(TriggerEvent, Phase.BOOKKEEPING)
    while True:
        yield triggers.batch()
        told.append(f"{name} {sim.now} {len(fills._inbox)}")


def trader(sim: Simulation) -> Any:
    """Submit at instants at which the agent does as well: an order, and one that is refused without a position."""
    for minute in range(10, MINUTES, 95):
        yield sim.at(START + minute * MINUTE, Phase.DECISIONS)
        yield sim.exchange.submit(Decision("buy", "ETH", "trader", target_portion_of_balance=0.1))
        if "SOL" not in sim.account.state.holdings:
            yield sim.exchange.submit(Decision("close", "SOL", "trader", target_portion_of_balance=1.0))


if __name__ == "__main__":
    print(json.dumps(whole_run(int(sys.argv[1])), allow_nan=False))
