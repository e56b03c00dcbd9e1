"""The process that explains a trade for the server: ``python -m adapters.web.runs.explain_worker``.

It reads what to explain, one line of JSON, from standard input, reads the journal that is stored with the back-test, or
runs it again in the sandbox for one, and writes one event: the explanation, or why there is none. It ends with the
server.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

from engine import PerpsimError

from ...database import open_database
from ...explanations import JournalExplained
from ...journals import journal_of_stored
from ...report import shown_explanation
from ...results import SERVER_GONE
from ...runs import interruptible
from ...sandbox import limited_memory
from .run_worker import Channel, step_back, watch_server


def explained(entry: dict[str, Any]) -> dict[str, Any]:
    """Return what a page shows of a trade; raises `PerpsimError` where it cannot be explained."""
    database = open_database(entry["database"], read_only=True)
    named = journal_of_stored(database, entry["id"]).on_rows_of(database)
    found = JournalExplained(named.journal, named.name, named.market).explanation(trade=entry["trade"])
    return {**shown_explanation(found), "remarks": list(named.remarks)}


def main() -> None:
    """Explain what stands on standard input."""
    step_back()
    channel = Channel()
    entry = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=watch_server, args=(threading.Event(),), daemon=True).start()
    with limited_memory(), interruptible():
        try:
            channel.send("explained", **explained(entry))
        except KeyboardInterrupt:
            channel.send("error", message=SERVER_GONE)
        except PerpsimError as error:
            channel.send("error", message=str(error))
        except Exception as error:
            channel.send("error", message=f"perpsim failed: {type(error).__name__}: {error}")
            raise


if __name__ == "__main__":
    main()
