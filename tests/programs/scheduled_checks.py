"""Leaves by the schedule, which has no symbol, and enters by signals; without any of these it enters by time."""


class Scheduled:
    def should_trade(self, data):
        if not data.trigger_symbol:
            log(data.trigger_type, repr(data.trigger_symbol), data.max_leverage)
            for symbol, position in data.positions.items():
                kinds = sorted(order.order_type for order in data.open_orders if order.symbol == symbol)
                if position.holding_duration_seconds > 600 or "Stop Limit" not in kinds:
                    return Decision(operation="close", symbol=symbol, reason=f"after its time {kinds}")
            if data.timestamp // 60_000 % 20 == 3:
                price = data.get_price("X")
                return Decision(
                    operation="buy",
                    symbol="X",
                    target_portion_of_balance=0.2,
                    leverage=3,
                    take_profit_price=price * 1.05,
                    stop_loss_price=price * 0.95,
                )
        return Decision(operation="hold", symbol=data.trigger_symbol or "X", reason="waiting")
