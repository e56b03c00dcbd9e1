"""Values are kept by number, recurring ones once, and come back as they were."""

import tracemalloc

from engine.kept_values import KeptValues

COUNT = 5_000


def test_every_value_comes_back_by_its_number_in_any_order():
    kept = KeptValues(None)
    numbers = [kept.number(f"{n}", (n, f"value {n}", -0.0)) for n in range(COUNT)]
    for place in (0, 1, 127, 128, 1_023, 1_024, COUNT - 1, *range(0, COUNT, 97)):
        assert repr(kept[numbers[place]]) == repr((place, f"value {place}", -0.0))
    assert kept[0] is None


def test_a_value_with_a_key_of_a_recent_one_has_its_number():
    kept = KeptValues()
    assert [kept.number(key, key.upper()) for key in ("a", "b", "a", "c", "b")] == [0, 1, 0, 2, 1]


def test_values_that_never_recur_take_little_more_than_what_is_new_in_them():
    kept = KeptValues()
    tracemalloc.start()
    try:
        for n in range(COUNT):
            kept.number(n, f"RSI {n / 7:.3f} is not below 30 and the trend of the day is not clear: nothing to do yet")
        half = tracemalloc.get_traced_memory()[0]
        for n in range(COUNT, 2 * COUNT):
            kept.number(n, f"RSI {n / 7:.3f} is not below 30 and the trend of the day is not clear: nothing to do yet")
        taken = tracemalloc.get_traced_memory()[0] - half
    finally:
        tracemalloc.stop()
    assert taken / COUNT < 40
