class Guarded:
    def should_trade(self, data):
        if data.get_price("X") > 104 and not data.positions:
            return Decision("sell", "X", target_portion_of_balance=0.5, leverage=2)
        if data.get_price("X") < 100 and data.positions:
            return Decision("close", "X")
        return None


if __name__ == "__main__":
    print("run me with perpsim")
