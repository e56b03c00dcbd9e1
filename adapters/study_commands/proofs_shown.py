"""Stored studies of which no trial is chosen: a stress test with what each fault does, a certificate, a card."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..database import Database
from ..robustness import RobustnessCard, print_card
from ..studies import TOLD, Study, figure_cell, read_study, results_of_trials


def show_proof(database: Database, study: Study, console: Console) -> None:
    """Print what a study has come to of which no trial is chosen."""
    assert study.study_id is not None
    whole, _ = read_study(database, study.study_id)
    card = next((each.notes["card"] for each in whole if "card" in each.notes), None)
    if study.kind == "stress":
        console.print(_fault_table(whole))
    elif card is not None:
        print_card(RobustnessCard.from_dict(card), console)
    elif study.kind == "certificate" and (result := results_of_trials(database, study.study_id).get(0)):
        text = f"It is of back-test {result}: perpsim report {result} shows its checks"
        console.print(text, highlight=False, markup=False, soft_wrap=True)
    else:
        console.print("It did not come to its end", highlight=False)


def _fault_table(study: Study) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), collapse_padding=True, pad_edge=False, show_edge=False)
    table.add_column("Trial", justify="right", no_wrap=True)
    table.add_column("Fault", overflow="fold")
    for name in TOLD:
        table.add_column(TOLD[name].capitalize(), justify="right", no_wrap=True)
    table.add_column("What it did", overflow="fold")
    for each in study:
        fault = each.notes.get("fault") or "as it is"
        did = each.outcome.error or each.notes.get("effect") or ""
        table.add_row(str(each.number), Text(fault), *(figure_cell(name, each) for name in TOLD), Text(did))
    return table
