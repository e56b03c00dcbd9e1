import datetime as dt
import time
from datetime import datetime, timedelta, timezone


class Sessions:
    def should_trade(self, data):
        now = datetime.fromtimestamp(data.timestamp / 1000, tz=timezone.utc)
        assert datetime.now(timezone.utc) == now and time.time() == now.timestamp()
        assert dt.date.today() == now.date() and datetime.utcnow() == now.replace(tzinfo=None)
        later = now + timedelta(minutes=5)
        text = later.strftime("%Y-%m-%d %H:%M") + " " + datetime.strptime("07:30", "%H:%M").isoformat()
        if now.minute % 10 == 2:
            return Decision("buy", "X", text, target_portion_of_balance=0.3, leverage=3)
        if now.minute % 10 == 8 and data.positions:
            return Decision("close", "X", text)
