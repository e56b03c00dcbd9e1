"""A position as a program sees it: a plain record, also where its fields are worked out when they are read."""

import copy
import dataclasses
import pickle

import pytest

from engine import Position
from engine.contract import late_record
from engine.program.right_names import error_hint, public_names

FIELDS = {
    "symbol": "X", "side": "long", "size": 2.0, "entry_price": 100.0, "unrealized_pnl": 20.0, "leverage": 3.0,
    "liquidation_price": None, "opened_at": 60_000, "as_of": 3_660_000,
}  # fmt: skip
WRITTEN = Position(**FIELDS)


def late(asked=None, **changed):
    """The same position, of which everything is worked out when it is read and noted in `asked`."""

    def work_out(symbol, name):
        if asked is not None:
            asked.append((symbol, name))
        return {**FIELDS, **changed}[name]

    return late_record(Position, "X", work_out)


def test_a_field_is_worked_out_once_and_only_if_it_is_read():
    asked = []
    position = late(asked)
    assert (position.symbol, asked) == ("X", [])
    assert [position.size, position.size, position.liquidation_price, position.liquidation_price] == [
        2.0,
        2.0,
        None,
        None,
    ]
    assert asked == [("X", "size"), ("X", "liquidation_price")]
    assert (position.holding_duration_str, position.opened_at_str) == ("1h 0m", "1970-01-01 00:01:00 UTC")
    assert asked[2:] == [("X", "as_of"), ("X", "opened_at")]


@pytest.mark.parametrize(
    "of",
    [
        repr,
        hash,
        dataclasses.asdict,
        dataclasses.astuple,
        lambda position: dataclasses.replace(position, size=1.0),
        lambda position: [getattr(position, each.name) for each in dataclasses.fields(position)],
        copy.copy,
        copy.deepcopy,
        lambda position: pickle.loads(pickle.dumps(position)),
        lambda position: (position == WRITTEN, position == late(), position == late(size=3.0)),
        lambda position: (isinstance(position, Position), type(position)),
        lambda position: ({position: 1}[WRITTEN], {WRITTEN: 1}[position]),
    ],
)
def test_whatever_looks_at_it_sees_the_record_that_was_written_at_once(of):
    assert of(late()) == of(WRITTEN)


def test_a_copy_stands_for_itself():
    position = late()
    copied = pickle.loads(pickle.dumps(position))
    assert [getattr(copied, name) for name in FIELDS] == list(FIELDS.values())
    assert type(copied) is Position


@pytest.mark.parametrize("position", [WRITTEN, late()], ids=["written", "late"])
def test_nothing_can_be_set_and_what_is_no_field_is_told_as_ever(position):
    with pytest.raises(dataclasses.FrozenInstanceError):
        position.size = 1.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        del position.size
    with pytest.raises(AttributeError, match=r"^'Position' object has no attribute 'entry_prise'$") as found:
        _ = position.entry_prise
    assert "entry_price" in error_hint(found.value)
    assert not hasattr(position, "__dict__")


def test_a_program_sees_no_other_attributes_than_those_of_the_contract():
    assert {*public_names(Position)} == {*FIELDS, "opened_at_str", "holding_duration_seconds", "holding_duration_str"}
