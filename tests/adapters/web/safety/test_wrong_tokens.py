"""Who brings wrong tokens waits longer after each."""

from __future__ import annotations

from adapters.web.safety.wrong_tokens import FREE, LONGEST_S, MOST_ADDRESSES, WrongTokens


def test_who_is_wrong_again_and_again_waits_longer_and_longer() -> None:
    now = [0.0]
    wrong = WrongTokens(lambda: now[0])
    waits = []
    for _ in range(FREE + 12):
        wrong.note("a")
        waits.append(wrong.wait_s("a"))
    assert waits[: FREE + 3] == [0, 0, 1, 2, 4, 8]
    assert waits[-1] == LONGEST_S
    assert wrong.wait_s("b") == 0
    now[0] += LONGEST_S
    assert wrong.wait_s("a") == 0
    wrong.forget("a")
    wrong.note("a")
    assert wrong.wait_s("a") == 0


def test_only_so_many_addresses_are_known() -> None:
    wrong = WrongTokens()
    for number in range(3 * MOST_ADDRESSES):
        wrong.note(str(number))
    assert len(wrong) == MOST_ADDRESSES
