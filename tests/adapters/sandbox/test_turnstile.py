"""Many at once: a cap, and a queue in order."""

import threading
import time

from adapters import Sandbox, SandboxLimits
from adapters.sandbox.turnstile import Turnstile
from tests.support.sandboxes import HEAD, jailed, run_code


@jailed
def test_several_runs_at_once_with_a_cap_and_a_queue():
    with Sandbox(SandboxLimits(call_s=30.0), most_runs=2) as made:
        code = HEAD + "        for _ in range(400_000): pass\n        return Decision('hold', 'X', 'done')"
        most, results = [], []

        def one():
            results.append(run_code(code, made.executor, minutes=4))

        threads = [threading.Thread(target=one) for _ in range(6)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            most.append((made.turnstile.inside, made.turnstile.waiting))
            time.sleep(0.005)
    assert [result.error for result in results] == [None] * 6
    assert max(inside for inside, _ in most) == 2
    assert max(waiting for _, waiting in most) >= 3


def test_a_turnstile_lets_people_in_by_the_order_in_which_they_came():
    turnstile, order = Turnstile(1), []
    place = turnstile.enter()

    def come(number):
        mine = turnstile.enter()
        order.append(number)
        turnstile.leave(mine)

    threads = []
    for number in range(5):
        threads.append(threading.Thread(target=come, args=(number,)))
        threads[-1].start()
        while turnstile.waiting <= number:
            time.sleep(0.001)
    assert turnstile.enter(timeout_s=0.01) is None
    turnstile.leave(place)
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]
    assert (turnstile.inside, turnstile.waiting) == (0, 0)
