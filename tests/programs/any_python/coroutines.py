"""Waits for several things at once, and names what it does by the time."""

import asyncio
import time
import uuid


class Coroutines:
    async def look(self, data, symbol, seconds):
        await asyncio.sleep(seconds)
        return symbol, data.get_price(symbol), time.time()

    async def look_around(self, data):
        return await asyncio.gather(*(self.look(data, "X", seconds) for seconds in (3, 0.5, 0)))

    async def wait_too_long(self):
        async with asyncio.timeout(5):
            await asyncio.sleep(60)

    async def wait_forever(self):
        await asyncio.get_running_loop().create_future()

    def should_trade(self, data):
        began = time.time()
        seen = [asyncio.run(self.look_around(data)), time.time() - began]
        for waits in (self.wait_too_long, self.wait_forever):
            try:
                asyncio.run(waits())
            except (TimeoutError, RuntimeError) as error:
                seen += [type(error).__name__, str(error), time.time() - began]
        seen += [uuid.uuid1(), uuid.uuid1(clock_seq=5), uuid.uuid1(node=7), hex(uuid.getnode())]
        reason = " ".join(map(str, seen))
        if data.positions:
            return Decision("close", "X", reason=reason)
        return Decision("buy", "X", target_portion_of_balance=0.5, reason=reason)
