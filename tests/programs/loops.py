class Loops:
    def should_trade(self, data):
        k = list(data.get_klines("X", "1m", 20))
        i, longest = 0, 0
        while i < len(k) - 1:
            j = i
            while j + 1 < len(k) and k[j + 1].close >= k[j].close:
                j += 1
            longest = max(longest, j - i)
            i = j + 1
            if longest > 15:
                break
        else:
            longest += 0
        for x in reversed(k):
            if x.close < 95:
                break
            if x.close > 105:
                continue
        if longest >= 8 and not data.positions:
            return Decision("sell", "X", str(longest), target_portion_of_balance=0.4, leverage=2)
        if longest < 7 and data.positions:
            return Decision("close", "X", str(longest))
