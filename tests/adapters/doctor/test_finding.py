"""What was looked at, and whether a run can work by it."""

from adapters.doctor import Finding, can_run

THERE = Finding("libraries", "numpy", True, "2.4", needed=True)
ONLY_USEFUL = Finding("extras", "ccxt", False, "not installed", "perpsim download", "pip install 'perpsim[download]'")
NEEDED = Finding("libraries", "simpy", False, "not installed", "every run", "pip install simpy", needed=True)


def test_a_run_can_work_when_nothing_that_is_needed_is_missing():
    assert can_run([THERE, ONLY_USEFUL])
    assert not can_run([THERE, ONLY_USEFUL, NEEDED])


def test_a_finding_is_plain_values_by_name():
    assert ONLY_USEFUL.to_dict() == {
        "group": "extras",
        "what": "ccxt",
        "ok": False,
        "found": "not installed",
        "cost": "perpsim download",
        "remedy": "pip install 'perpsim[download]'",
        "needed": False,
    }
