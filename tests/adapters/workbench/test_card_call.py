"""A robustness card in one call."""

from dataclasses import replace

import perpsim
import pytest

from adapters.robustness import Grade, make_card
from adapters.studies import parse_parameter
from adapters.trials import Trial
from adapters.workers import ThisProcess
from engine import ConfigurationError
from tests.support.card_programs import DAY_MS, START, Chance, job_of, noise_market

FIELDS = {
    "symbols": "BTC",
    "start_time": START,
    "end_time": START + 30 * DAY_MS,
    "scheduled_interval": "4h",
    "params": {"seed": 1, "hold": 6, "portion": 0.5},
    "workers": 1,
}


@pytest.fixture(scope="module")
def market():
    return noise_market(1)


def test_it_is_the_card_of_that_job(market):
    card = perpsim.card(market, Chance, over={"hold": range(4, 9)}, **FIELDS)
    config = {name: FIELDS[name] for name in ("start_time", "end_time")}
    job = job_of(Chance, market, params=FIELDS["params"])
    job = replace(job, config=job.config_of(Trial(0, config)))
    same = make_card(job, ThisProcess(), ranges=[parse_parameter("hold=4:8:1")])
    assert card.to_dict() == same.to_dict()
    assert card.title == "Chance on hyperliquid: BTC"
    assert card.grade in (Grade.BAD, Grade.NOT_TOLD, Grade.DOUBTFUL)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"over": {"hodl": [1]}}, r"hodl: .*did you mean hold\?"),
        ({"over": [1, 2]}, r"over: give a dict"),
        ({"over": {"hold": 5}}, r"hold: 5 is no sequence of values"),
        (
            {"over": {"hold": ["x"]}, "params": {"seed": 1, "hold": "x", "portion": 1}},
            r"hold: is no number in \[params\]",
        ),
        ({"studdy": None}, r"studdy: .*did you mean study\?"),
        ({"workers": -1}, r"workers: -1 is no number of processes"),
    ],
)
def test_what_cannot_be_run_is_refused(market, given, said):
    with pytest.raises(ConfigurationError, match=said):
        perpsim.card(market, Chance, **{**FIELDS, **given})
