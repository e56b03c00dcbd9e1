"""Many at once: a cap, and a queue in order."""

import threading

from adapters import Sandbox, SandboxLimits
from adapters.sandbox.turnstile import Turnstile
from tests.support.patience import until
from tests.support.sandboxes import HEAD, jailed, run_code


@jailed
def test_several_runs_at_once_with_a_cap_and_a_queue():
    code = HEAD + "        return Decision('hold', 'X', 'done')"
    seen, results = [], []
    with Sandbox(SandboxLimits(call_s=30.0), most_runs=2) as made:

        def executor(simulation, signals):
            worker = made.executor(simulation, signals)
            seen.append((made.turnstile.inside, made.turnstile.waiting))
            return worker

        threads = [threading.Thread(target=lambda: results.append(run_code(code, executor))) for _ in range(6)]
        taken = [made.turnstile.enter(), made.turnstile.enter()]
        for thread in threads:
            thread.start()
        until(lambda: made.turnstile.waiting == 6)
        for place in taken:
            made.turnstile.leave(place)
        for thread in threads:
            thread.join()
        assert made.turnstile.inside == 0
    assert [result.error for result in results] == [None] * 6
    assert max(inside for inside, _ in seen) == 2
    assert max(waiting for _, waiting in seen) >= 3


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
        until(lambda number=number: turnstile.waiting > number)
    assert turnstile.enter(timeout_s=0.01) is None
    turnstile.leave(place)
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]
    assert (turnstile.inside, turnstile.waiting) == (0, 0)
