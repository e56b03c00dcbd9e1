"""Parameters: which of them a program has read, however it reads them, and what is said of the others."""

import copy
import json
import pickle

import pytest

from engine.program import ParameterReads, Parameters
from tests.support.runs import Hold, config, klines, market, run

GIVEN = {"fast": 5, "slow": 20, "size": 0.5}
FLAT = market(X=klines(*[100.0] * 10))


def unread(read):
    """Give a program parameters, let it read, and return the names that are told to be unread."""
    reads = ParameterReads(GIVEN)
    read(Parameters(GIVEN, reads))
    return [text.split("'")[1] for text in reads.warnings()]


def matched(params):
    match params:
        case {"fast": 5}:
            pass


@pytest.mark.parametrize(
    ("read", "names"),
    [
        (lambda params: None, ["fast", "size", "slow"]),
        (lambda params: params["fast"], ["size", "slow"]),
        (lambda params: (params.get("fast"), params.get("slow", 7)), ["size"]),
        (lambda params: "fast" in params, ["size", "slow"]),
        (lambda params: params.pop("fast"), ["size", "slow"]),
        (lambda params: params.setdefault("fast", 3), ["size", "slow"]),
        (matched, ["size", "slow"]),
        (lambda params: (repr(params), len(params), bool(params), params == GIVEN), ["fast", "size", "slow"]),
        (lambda params: params.update(size=1), ["fast", "size", "slow"]),
        (lambda params: [*params], []),
        (lambda params: list(params.items()), []),
        (lambda params: list(params.values()), []),
        (lambda params: list(params.keys()), []),
        (lambda params: list(reversed(params)), []),
        (lambda params: params.popitem(), []),
        (lambda params: {"fast": 1, **params}, []),
        (lambda params: (lambda **_: None)(**params), []),
        (lambda params: dict(params), []),
        (lambda params: {}.update(params), []),
        (lambda params: params | {"fast": 1}, []),
        (lambda params: {"fast": 1} | params, []),
        (lambda params: params.copy(), []),
        (lambda params: copy.copy(params), []),
        (lambda params: copy.deepcopy(params), []),
        (lambda params: pickle.dumps(params), []),
        (lambda params: json.dumps(params), []),
    ],
)
def test_a_parameter_counts_as_read_when_its_value_or_its_being_there_was_asked_for(read, names):
    assert unread(read) == names


def test_the_parameters_are_a_dict_in_every_other_respect():
    params = Parameters(GIVEN, ParameterReads(GIVEN))
    assert isinstance(params, dict)
    assert (params, dict(params), {**params}, params | {"more": 1}) == (GIVEN, GIVEN, GIVEN, {**GIVEN, "more": 1})
    assert (pickle.loads(pickle.dumps(params)), type(copy.deepcopy(params))) == (GIVEN, dict)
    with pytest.raises(KeyError, match="'nothing'"):
        params["nothing"]
    with pytest.raises(KeyError, match="'nothing'"):
        params.pop("nothing")
    params["more"] = 3
    assert (params.pop("more"), params.pop("more", 4), params.get("more")) == (3, 4, None)


def test_a_parameter_that_is_never_read_is_a_warning_with_the_names_like_it_that_were():
    class Program:
        def init(self, params):
            self.threshold = params.get("threshold", 30)
            self.size = params.get("size", 0.5)

        def should_trade(self, data):
            return None

    result = run(FLAT, Program, 3, params={"treshold": 20, "sise": 1, "zeal": 2, "size": 0.1})
    assert [text for text in result.warnings if "params" in text] == [
        "params: 'sise' was never read by the program; it reads 'size'",
        "params: 'treshold' was never read by the program; it reads 'threshold'",
        "params: 'zeal' was never read by the program",
    ]


def test_a_parameter_may_be_read_at_any_trigger():
    class Late:
        def init(self, params):
            self.params = params

        def should_trade(self, data):
            if data.get_price("X") > 0 and len(data.recent_trades) == 0:
                self.params.get("late")

    for lifetime in ("run", "trigger"):
        result = run(FLAT, Late, 3, params={"late": 1}, strategy_lifetime=lifetime)
        assert not [text for text in result.warnings if "params" in text]


def test_parameters_for_a_program_without_init_are_all_unread_and_none_are_no_warning():
    told = [text for text in run(FLAT, Hold, 3, params={"a": 1, 7: 2}).warnings if "params" in text]
    assert told == ["params: '7' was never read by the program", "params: 'a' was never read by the program"]
    assert not [text for text in run(FLAT, Hold, 3).warnings if "params" in text]


def test_a_program_that_could_not_be_started_is_not_blamed_for_what_it_did_not_read():
    class Broken:
        def init(self, params):
            raise ValueError("no")

        def should_trade(self, data):
            return None

    result = run(FLAT, Broken, 3, params={"a": 1})
    assert result.error is not None
    assert not [text for text in result.warnings if "params" in text]


def test_every_run_gets_the_parameters_as_they_were_configured():
    class Eater:
        def init(self, params):
            self.got = params.pop("a")

        def should_trade(self, data):
            assert self.got == 1

    settings = config(Eater, 3, params={"a": 1})
    for _ in range(2):
        assert run(FLAT, Eater, 3, params=settings.params, strategy_lifetime="trigger").success


def test_a_program_that_invents_names_without_end_is_still_told_what_it_did_not_read():
    reads = ParameterReads({"a": 1, "b": 2})
    params = Parameters({"a": 1, "b": 2}, reads)
    for number in range(5_000):
        params.get(f"n{number}")
    params.get("b")
    assert len(reads.take_news()) == 1_001
    assert list(reads.warnings()) == ["params: 'a' was never read by the program"]
