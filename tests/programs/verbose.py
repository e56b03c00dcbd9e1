class Verbose:
    def should_trade(self, data):
        print("=" * 20)
        print("time", data.timestamp, "type", data.trigger_type, sep=" | ")
        print(f"equity {data.total_equity:,.2f} available {data.available_balance:,.2f} margin {data.used_margin:.2f}")
        for order in data.open_orders:
            print(order.direction, order.trigger_price, order.size)
        log("%s %d %.3f" % ("mixed", 3, 1.5), "\t tab")
        if not data.positions:
            return Decision(
                "buy",
                "X",
                "r\u00e9ason \u2713",
                target_portion_of_balance=0.5,
                leverage=2,
                stop_loss_price=data.get_price("X") * 0.97,
            )
        if data.get_price("X") > 104:
            return Decision("close", "X")
