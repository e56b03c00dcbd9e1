"""Requests about the triggers of a back-test."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from engine.kernel import TriggerType

from ...report import TriggerSort, WantedTriggers
from ...results import TriggerFilter
from ..forms import LARGEST_ID
from ..services import ServicesOf, StoredAnswer
from ..shapes import Trigger, TriggerPage
from .requests import AllTriggers, Index, Limit, Name, Offset, RunId, SearchText, TimeMs, refusals

router = APIRouter(prefix="/api/backtests", tags=["back-tests"])

_INDEX = Query(ge=0, le=LARGEST_ID, description="jump to the first of them with this index or a later one")
_SINCE = Query(description="jump to the first of them at this instant, epoch ms, or later")


def _wanted(
    only: TriggerFilter | None = None,
    symbol: Name | None = None,
    trigger_type: TriggerType | None = None,
    q: SearchText | None = None,
    all_triggers: AllTriggers = False,
) -> WantedTriggers:
    return WantedTriggers(only, symbol, trigger_type, q, all_triggers)


Wanted = Annotated[WantedTriggers, Depends(_wanted)]


@router.get("/{run_id}/triggers", response_model=TriggerPage, responses=refusals(404))
def triggers(
    services: ServicesOf,
    run_id: RunId,
    wanted: Wanted,
    offset: Offset = 0,
    limit: Limit = 100,
    sort: TriggerSort = TriggerSort.INDEX,
    descending: bool = False,
    since: Annotated[TimeMs | None, _SINCE] = None,
    index: Annotated[int | None, _INDEX] = None,
) -> Response:
    """Return one page of the trigger log: of the triggers of which something came, unless others are asked for. `q` is
    looked for in the reason of a decision, in log lines and errors. A jump goes to the page in order of time.
    """
    if since is not None or index is not None:
        place = services.rows.place_of_trigger(run_id, wanted, since, index)
        page = services.rows.triggers(run_id, place - place % limit, limit, wanted)
        found = page["items"][place % limit : place % limit + 1]
        return StoredAnswer({**page, "found": found[0]["index"] if found else None})
    return StoredAnswer({**services.rows.triggers(run_id, offset, limit, wanted, sort, descending), "found": None})


@router.get("/{run_id}/triggers/{index}", response_model=Trigger, responses=refusals(404))
def trigger(services: ServicesOf, run_id: RunId, index: Index, wanted: Wanted) -> Response:
    """Return one trigger: what the program saw, asked, decided and logged, the trades that it had to do with, and its
    neighbours among the triggers that are looked for.
    """
    return StoredAnswer(services.rows.trigger(run_id, index, wanted))
