"""What a program may say: all of it, from where the engine has it."""

from __future__ import annotations

from dataclasses import fields

from adapters.web.forms.word_list import program_words
from engine import Decision, MarketData

FOUND = program_words()
WORDS = {(each["owner"], each["name"]): each for each in FOUND["words"]}


def test_all_of_data_and_of_a_decision_is_there_with_its_meaning() -> None:
    assert {name for owner, name in WORDS if owner == "data"} == {
        name for name in dir(MarketData) if not name.startswith("_")
    }
    assert {name for owner, name in WORDS if owner == "Decision"} == {each.name for each in fields(Decision)}
    assert [key for key, each in WORDS.items() if not each["text"] and key[0]] == []
    assert [key for key, each in WORDS.items() if "`" in each["text"] or "\n\n\n" in each["text"]] == []


def test_a_signature_is_what_one_would_write() -> None:
    klines = WORDS["data", "get_klines"]
    assert klines["signature"] == "data.get_klines(symbol: str, period: str, count: int = 50) -> list[Kline]"
    assert klines["text"].startswith("Return the last count klines, oldest first")
    assert WORDS["data", "total_equity"]["signature"] == "data.total_equity: float"
    assert WORDS["data", "wake_at"]["signature"] == "data.wake_at(time_ms: int)"
    assert WORDS["Decision", "leverage"]["signature"] == "leverage: int = 10"
    assert WORDS["Decision", "time_in_force"]["signature"] == "time_in_force: str = 'Ioc'"
    assert "is that of an entry" in WORDS["Decision", "leverage"]["text"]
    assert "share of the available balance" in WORDS["Decision", "target_portion_of_balance"]["text"]
    assert WORDS["", "log"]["text"].startswith("log(message)")


def test_the_more_detailed_of_two_texts_counts() -> None:
    assert "keys without data are absent" in WORDS["data", "get_market_data"]["text"]


def test_values_that_a_text_may_be() -> None:
    assert {"1h", "1d"} <= set(FOUND["values"]["period"])
    assert {"RSI14", "MACD"} <= set(FOUND["values"]["indicator"])
    assert "buy" in FOUND["values"]["operation"]
