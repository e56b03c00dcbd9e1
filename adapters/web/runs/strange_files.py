"""Reading files of strangers in a process of its own: within limits, and told without where they lie."""

from __future__ import annotations

import logging
import os
import re
import resource
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from engine import PerpsimError

from ...output import without_secrets
from ...results import CANCELLED, SERVER_GONE
from ...runs import interruptible, let_go
from .option_words import told_on_page
from .run_worker import Channel, watch_server

#: So much address space a worker may use, and so much time of a processor.
_MOST_BYTES = 8 << 30
_ADDRESS = re.compile(r"\b\w+://\S+")


@contextmanager
def limits(most_cpu_s: int) -> Iterator[None]:
    """A context for the rest of a process: too much memory is a `MemoryError`, too much time ends it."""
    _lower(resource.RLIMIT_AS, _MOST_BYTES)
    _lower(resource.RLIMIT_CPU, most_cpu_s)
    _lower(resource.RLIMIT_CORE, 0)
    yield


def _lower(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    found = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (found, hard))


def told_without(text: str, hidden: Sequence[tuple[str, str]]) -> str:
    """Return a text for a client: without addresses and secrets, and with what stands in pairs in the place of what is
    hidden.
    """
    for path, name in sorted(hidden, key=lambda pair: -len(pair[0])):
        text = text.replace(path, name) if path else text
    return _ADDRESS.sub("(address)", without_secrets(text))


def work(job: Callable[[Channel], dict[str, Any]], hidden: Sequence[tuple[str, str]], most_cpu_s: int) -> None:
    """Do a job, whose answer is its last event, "done"; what goes wrong is told as "error", in one sentence."""
    channel, gone = Channel(), threading.Event()
    threading.Thread(target=watch_server, args=(gone,), daemon=True).start()
    logging.getLogger("perpsim.web").addHandler(logging.StreamHandler(sys.stderr))
    with limits(most_cpu_s), interruptible():
        try:
            channel.send("done", **job(channel))
        except KeyboardInterrupt as error:
            let_go(error)
            channel.send("error", message=SERVER_GONE if gone.is_set() else CANCELLED, cancelled=True)
        except PerpsimError as error:
            problems = [told_without(each, hidden) for each in getattr(error, "problems", ()) if isinstance(each, str)]
            of = {"kind": type(error).__name__, "problems": problems, "cancelled": False}
            channel.send("error", message=told_on_page(told_without(str(error), hidden)), **of)
        except MemoryError:
            channel.send("error", message=f"this takes more than {_MOST_BYTES >> 30} GB of memory", cancelled=False)
        except Exception as error:
            sys.stderr.write(without_secrets("".join(traceback.format_exception(error))))
            text = f"perpsim failed at this ({type(error).__name__}); the server's log says how"
            channel.send("error", message=text, cancelled=False)
    sys.stderr.flush()
    os._exit(0)  # a library's thread may be deaf
