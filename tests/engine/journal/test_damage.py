"""A journal that was damaged is told where, and what it was before."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from engine import DataError, FlowHistory, MarketHistory, SymbolHistory, TimedValues
from engine.journal import Journal, checked_records, replay
from engine.journal.chained_lines import chained
from engine.journal.damage import field_at
from tests.support.journals import Told, recorded
from tests.support.runs import MINUTE, START, buy, klines, market


@cache
def lines() -> tuple[bytes, ...]:
    """The lines of a small run, each with its line feed."""
    history = market(X=klines(100, 100, 100, (100, 115, 100, 110), *[110.0] * 8))
    told = recorded(history, {1: buy(take_profit_price=112.0, stop_loss_price=90.0), 6: buy()}, 9)
    assert told.result.journal is not None
    return tuple(told.result.journal)


def place_of(message: str) -> int:
    return next(place for place, line in enumerate(lines()) if json.loads(line)["message"] == message)


def problem(changed: bytes) -> str:
    """What is said of a file with these bytes."""
    with pytest.raises(DataError) as caught:
        replay(changed.splitlines(keepends=True))
    return str(caught.value)


def with_line(place: int, line: bytes) -> bytes:
    return b"".join([*lines()[:place], line, *lines()[place + 1 :]])


def test_what_is_whole_is_read() -> None:
    assert len([*checked_records(lines())]) == len(lines())


def test_a_changed_digit_is_told_with_its_field_and_what_it_was() -> None:
    place = place_of("fill")
    line = lines()[place]
    assert b'"size":50.0,' in line
    assert problem(with_line(place, line.replace(b'"size":50.0,', b'"size":50.1,'))) == (
        f"line {place + 1}, field size: byte {line.index(b'50.0,') + 4} is '1' and was '0': now \"size\":50.1, before "
        '"size":50.0'
    )


def test_every_kind_of_flipped_byte_is_located() -> None:
    draw = random.Random(7)
    whole = b"".join(lines())
    for _ in range(24):
        at = draw.randrange(len(whole) - 1)
        byte = draw.choice([each for each in range(256) if each != whole[at]])
        changed = whole[:at] + bytes((byte,)) + whole[at + 1 :]
        place = whole[:at].count(b"\n")
        start = sum(map(len, lines()[:place]))
        text = problem(changed)
        if whole[at] == 10:
            assert text.startswith(f"the line feed after line {place + 1} has become"), (text, at)
            continue
        body = lines()[place].rstrip(b"\n")
        field = "~hash" if at - start >= len(body) - len(',"~hash":""}') - 32 else field_at(body, at - start)
        assert text.startswith(f"line {place + 1}, field {field}: byte {at - start + 1} is "), (text, at, byte)


@pytest.mark.parametrize("draw", [random.Random(seed) for seed in range(3)])
def test_a_byte_that_was_lost_or_put_in_is_located(draw: random.Random) -> None:
    place = place_of("fill")
    line = lines()[place]
    at = draw.randrange(20, 200)
    lost = problem(with_line(place, line[:at] + line[at + 1 :]))
    assert lost.startswith(f"line {place + 1}, field ")
    assert " is missing, and was " in lost
    more = problem(with_line(place, line[:at] + b"~" + line[at:]))
    assert f"byte {at + 1} is '~' and was not there" in more


def cut(count: int) -> bytes:
    return b"".join(lines()[:count])


NOT_WHOLE = "the journal is not whole: it"
DAMAGES: list[tuple[str, Callable[[], bytes], str]] = [
    ("nothing", lambda: b"", f"{NOT_WHOLE} is empty, and the line of the end is missing"),
    ("cut after a line", lambda: cut(5), f"{NOT_WHOLE} ends with line 5, and the line of the end is missing"),
    ("cut in a line", lambda: cut(5) + lines()[5][:40], "the file is cut off in the middle of line 6"),
    ("a line less", lambda: cut(5) + rest(6), "the line with the id 5 is missing before line 6"),
    ("three lines less", lambda: cut(5) + rest(8), "the lines with the ids 5 to 7 are missing before line 6"),
    (
        "two swapped",
        lambda: cut(5) + lines()[6] + lines()[5] + rest(7),
        "line 6 should have the id 5 and has 6: that line stands at 7",
    ),
    (
        "one twice",
        lambda: cut(5) + rest(4),
        "line 6 is the line with the id 4, which comes before: it stands here a second time",
    ),
    (
        "a line after the end",
        lambda: rest(0) + lines()[3],
        f"line {len(lines()) + 1} comes after the end of the journal",
    ),
    (
        "no line at all",
        lambda: with_line(5, b"nonsense\n"),
        "line 6 was changed in more than one byte: it has not its hash any more",
    ),
    (
        "another format",
        lambda: anew(0, {"format": 7, "engine": "9.1"}),
        "it is a journal of format 7, made by perpsim 9.1; this perpsim reads format 1: read it with that version",
    ),
    (
        "a cause that comes later",
        lambda: anew(5, {"cause": 9}),
        "line 6 names the cause 9, which does not come before it",
    ),
    (
        "ends of lines of another system",
        lambda: rest(0).replace(b"\n", b"\r\n"),
        "line 1 ends with CR LF and all else of it is as it was: make the ends of lines LF again (dos2unix)",
    ),
    (
        "a byte order mark",
        lambda: b"\xef\xbb\xbf" + rest(0),
        "the file begins with a byte order mark: take its first three bytes away",
    ),
    ("an empty line", lambda: cut(4) + b"\n" + rest(4), "line 5 is empty"),
    (
        "a rule of another version",
        lambda: anew(5, {"rule": "no-such-rule"}),
        "line 6 names the rule 'no-such-rule', which this perpsim (0.1.0) does not have",
    ),
    (
        "a line that goes back in time",
        lambda: anew(8, {"at": 1}),
        "line 9 is of 1, before the line before it (1704067260000): the journal was written anew",
    ),
    ("no time", lambda: anew(5, {"at": "now"}), "line 6 is of no time ('now'): the journal was written anew"),
    ("another id", lambda: anew(5, {"id": 4}), "line 6 has the id 4 in place of 5: the journal was written anew"),
]


def rest(place: int) -> bytes:
    return b"".join(lines()[place:])


def anew(place: int, fields: dict[str, object]) -> bytes:
    """The journal with some fields of a line changed, and all hashes made again."""
    records = [json.loads(line) for line in lines()]
    for each in records:
        del each["~hash"]
    records[place] |= fields
    bodies = [json.dumps(each, sort_keys=True, separators=(",", ":")) for each in records]
    return b"".join(line for part, _ in chained([bodies]) for line in part)


@pytest.mark.parametrize(("changed", "text"), [each[1:] for each in DAMAGES], ids=[each[0] for each in DAMAGES])
def test_what_was_done_to_a_file_is_one_sentence(changed: Callable[[], bytes], text: str) -> None:
    assert problem(changed()) == text


def test_several_changed_bytes_are_located_by_their_line() -> None:
    place = place_of("fill")
    text = problem(with_line(place, lines()[place].replace(b'"size":50.0,', b'"size":61.0,')))
    assert text == f"line {place + 1} (fill) was changed in more than one byte: it has not its hash any more"


def test_a_hash_that_was_replaced_is_told_from_a_line_that_was() -> None:
    place = place_of("fill")
    right = json.loads(lines()[place])["~hash"].encode()
    text = problem(with_line(place, lines()[place].replace(right, b"0" * 32)))
    assert text == f"line {place + 1}, field ~hash: it was {right.decode()}; all else of the line is as it was"


def test_the_last_line_needs_no_line_feed(tmp_path) -> None:
    path = tmp_path / "run.journal"
    path.write_bytes(b"".join(lines()).rstrip(b"\n"))
    assert replay(Journal.read(path)).lines == len(lines())


@pytest.mark.parametrize("at", [3, 9, 12, 30, 41])
def test_a_byte_that_was_lost_from_a_hash_or_put_in_is_located(at: int) -> None:
    place = place_of("fill")
    line = lines()[place]
    at += line.rindex(b',"~hash"')
    lost = problem(with_line(place, line[:at] + line[at + 1 :]))
    whole = "; all else of the line is as it was"
    assert re.fullmatch(rf"line {place + 1}, field ~hash: byte \d+ is missing, and was '.'{whole}", lost)
    more = problem(with_line(place, line[:at] + b"~" + line[at:]))
    assert re.fullmatch(rf"line {place + 1}, field ~hash: byte \d+ is '~' and was not there{whole}", more)


MONEY = [
    ("end", {"equity": 11_600.0}, "its equity is 11600.0, and the account comes to 10600.0"),
    ("fill", {"pnl": 5.0}, "its pnl is 5.0, and the account comes to none"),
    ("fill", {"price": 99.0}, "equity"),
    ("fill", {"fee": 1.0}, "postings"),
    ("fill", {"size": 49.0}, "positions"),
    (
        "fill",
        {
            "size": 49.0,
            "account": {"cash": 10_000.0, "equity": 10_000.0, "positions": {"X": 49.0}, "prices": {"X": 100.0}},
        },
        "its size is 50.0, and the account holds 49.0",
    ),
    ("fill", {"account": {"cash": 1.0, "equity": 1.0, "positions": {"X": 50.0}, "prices": {"X": 100.0}}}, "cash"),
    ("fill", {"purpose": "tp"}, "it cannot be applied to the account"),
]


@pytest.mark.parametrize(("message", "fields", "said"), MONEY)
def test_what_was_written_anew_is_found_by_its_money(message: str, fields: dict[str, object], said: str) -> None:
    text = problem(anew(place_of(message), fields))
    assert "money does not add up" in text or "it cannot be applied" in text
    assert said in text, text


def told_of(told: Told) -> list[dict[str, Any]]:
    """The lines of a run without their hashes."""
    return [{name: value for name, value in each.items() if name != "~hash"} for each in told.records]


def problem_of(records: list[dict[str, Any]]) -> str:
    bodies = [json.dumps(each, sort_keys=True, separators=(",", ":")) for each in records]
    return problem(b"".join(line for part, _ in chained([bodies]) for line in part))


def test_a_payment_that_is_not_size_times_price_times_rate_is_found() -> None:
    flow = FlowHistory(funding_rate=TimedValues(np.array([START + 60 * MINUTE]), np.array([1e-4])))
    history = MarketHistory([SymbolHistory("X", klines(*[100.0] * 70), flow=flow)])
    records = told_of(recorded(history, {1: buy()}, 65))
    (paid,) = [each for each in records if each["message"] == "funding"]
    assert paid["amount"] == pytest.approx(-0.5)
    paid["rate"] = 2e-4
    assert "its amount is -0.5, and size x price x rate is -1.0" in problem_of(records)


@pytest.mark.parametrize(("name", "value"), [("price", 1.0), ("side", "short"), ("size", 2.0), ("equity_after", 3.0)])
def test_a_liquidation_that_tells_something_else_than_its_fill_is_found(name: str, value: Any) -> None:
    history = market(X=klines(*[100.0] * 4, (100, 100, 90, 95), *[95.0] * 4))
    records = told_of(recorded(history, {1: buy(portion=0.9, leverage=20)}, 8))
    (told,) = [each for each in records if each["message"] == "liquidated"]
    told[name] = value
    assert f"(liquidated): its {name} is {value!r}, and that of its fill " in problem_of(records)
