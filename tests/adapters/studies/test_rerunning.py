"""Which stored result is that of which trial."""

from __future__ import annotations

from adapters import Database
from adapters.studies import StudyStore, delete_studies, note_trial_result, results_of_trials, trial_of_result
from tests.adapters.studies.test_study_store import study


def test_a_result_is_of_one_trial_until_its_study_is_gone(any_database: Database) -> None:
    assert results_of_trials(any_database, 1) == {}
    assert trial_of_result(any_database, 5) is None
    store = StudyStore(any_database)
    study_id = store.announce(study())
    for number, run_id in ((0, 5), (1, 6), (0, 7)):
        note_trial_result(any_database, study_id, number, run_id)
    assert results_of_trials(any_database, study_id) == {0: 7, 1: 6}
    assert trial_of_result(any_database, 6) == (study_id, 1)
    note_trial_result(any_database, study_id, 2, 6)  # the id of a result that was deleted
    assert trial_of_result(any_database, 6) == (study_id, 2)
    store.note_end(study_id, "interrupted")
    delete_studies(any_database, [study_id])
    assert trial_of_result(any_database, 6) is None
