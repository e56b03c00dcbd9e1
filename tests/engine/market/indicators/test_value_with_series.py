"""An answer whose series is made when it is read."""

import copy
import json
import pickle

import pytest

from engine.market.indicators import late_series


class Builds:
    """A series of 1, 2, 3 that counts how often it is made."""

    def __init__(self):
        self.count = 0
        self.answer = late_series(3.0, self)

    def __call__(self):
        self.count += 1
        return [1.0, 2.0, 3.0]


def test_a_series_is_not_made_until_it_is_read():
    made = Builds()
    answer = made.answer
    assert answer["value"] == answer.get("value", 0) == 3.0
    assert answer
    assert len(answer) == 2
    assert "series" in answer
    assert "nope" not in answer
    assert answer.get("nope", 1) == 1
    with pytest.raises(KeyError, match="nope"):
        answer["nope"]
    assert made.count == 0
    assert answer["series"][-2] == 2.0
    assert answer.get("series") is answer["series"]
    assert made.count == 1


@pytest.mark.parametrize(
    "look",
    [
        dict,
        copy.copy,
        copy.deepcopy,
        lambda answer: answer.copy(),
        lambda answer: answer | {},
        lambda answer: {} | answer,
        lambda answer: {**answer},
        lambda answer: dict(answer.items()),
        lambda answer: {key: answer[key] for key in answer},
        lambda answer: dict(zip(answer.keys(), answer.values(), strict=True)),
        lambda answer: json.loads(json.dumps(answer)),
        lambda answer: json.loads(json.dumps([answer], indent=1))[0],
        lambda answer: pickle.loads(pickle.dumps(answer)),
        lambda answer: eval(repr(answer)),  # noqa: S307
        lambda answer: {"series": answer.setdefault("series"), "value": answer.pop("value")},
        lambda answer: dict([answer.popitem(), answer.popitem()]),
        lambda answer: {key: answer[key] for key in reversed(answer)},
    ],
)
def test_whatever_looks_at_all_of_it_sees_both_keys(look):
    made = Builds()
    assert look(made.answer) == {"value": 3.0, "series": [1.0, 2.0, 3.0]}
    assert made.count == 1


def test_answers_are_equal_to_what_they_hold():
    for left, right in (
        ({"value": 3.0, "series": [1.0, 2.0, 3.0]}, Builds().answer),
        (Builds().answer, Builds().answer),
    ):
        assert left == right
    assert Builds().answer != {"value": 3.0}


def test_an_answer_can_be_changed_like_a_dictionary():
    answer = Builds().answer
    answer["series"] = []
    assert answer == {"value": 3.0, "series": []}
    answer = Builds().answer
    del answer["series"]
    assert dict(answer) == {"value": 3.0}
    assert "series" not in answer
    answer = Builds().answer
    answer.clear()
    assert not answer
    assert answer == {}
