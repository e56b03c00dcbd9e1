"""Where the command begins: ``perpsim``, which is ``python -m adapters``.

Ctrl-C while it is still importing ends it at once: an exception would come out in the middle of a library, as a
traceback, or be lost there. Nothing is imported before that but what Python itself has imported already.
"""

import os
import signal
import sys

_INTERRUPTED = 130


def _leave(number: int, frame: object) -> None:
    """End the process, which has nothing to leave in order."""
    try:
        os.write(2, b"Interrupted.\n")
    finally:
        os._exit(_INTERRUPTED)


def main() -> None:
    """Be the command of the process's arguments."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _leave)  # when the command has ended, it stands there again
    from .namesakes import refuse_namesakes

    try:
        refuse_namesakes()
    except ImportError as error:
        sys.exit(f"Error: {error}")
    from .commands import main as perpsim

    perpsim(prog_name="perpsim")


if __name__ == "__main__":
    main()
