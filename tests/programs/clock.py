class Clock:
    def should_trade(self, data):
        now = time.time()
        minute = int(now // 60) % 60
        hour = time.strftime("%H:%M", time.gmtime(now))
        log(hour, minute)
        if minute % 10 == 1:
            return Decision("buy", "X", hour, target_portion_of_balance=0.2, leverage=2)
        if minute % 10 == 6:
            return Decision("close", "X", hour)
