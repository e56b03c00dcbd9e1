"""Texts for strangers: nothing of the machine in them."""

from __future__ import annotations

import pytest

from adapters.output import cleaned

TRACEBACK = """Traceback (most recent call last):
  File "/opt/perpsim/adapters/sandbox/guarded_program.py", line 3, in call
    call()
  File "<program>", line 3, in should_trade
    1 / 0
  File "/usr/lib/python3.11/statistics.py", line 9, in mean
    raise ValueError
ZeroDivisionError: division by zero"""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("postgresql://bob:sesame@host/market: it is away", "the database: it is away"),
        ("sqlite:////home/bob/my data/market.db: no space", "the database: no space"),
        ("sqlite:///market.db holds no klines of DOGE", "the database holds no klines of DOGE"),
        ("there is no file /home/bob/market.db; make it", "there is no file (a file of the server); make it"),
        ("OSError: no file '/home/bob/My Files/x'", "OSError: no file '(a file of the server)'"),
        (
            'connection to server on socket "/run/postgresql/.s.PGSQL.5432" failed: role "bob" does not exist',
            "connection to the server failed: role (not told) does not exist",
        ),
        ('could not connect: host "db.inner", port 5432 refused', "could not connect: the server refused"),
        ("see https://bob:sesame@example.com/x", "see (an address)"),
        (
            TRACEBACK,
            'Traceback (most recent call last):\n  File "<program>", line 3, in should_trade\n    1 / 0\n'
            "ZeroDivisionError: division by zero",
        ),
    ],
)  # fmt: skip
def test_what_is_of_the_machine_is_not_told(text: str, wanted: str) -> None:
    assert cleaned(text) == wanted


@pytest.mark.parametrize("text", ["BTC/USD rose and/or fell 3/4", "see https://example.com/a", "a=1, b=2", "1/home"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert cleaned(text) == text
