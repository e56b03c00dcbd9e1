"""The outside world: databases, files, the sandbox, results, the command line, the web page.

`__init__.pyi` beside this file is the table of contents. A room is imported when a name of it is first used, so that
``perpsim --help`` loads nothing that it does not need. From then on results look in notebooks as `adapters.report`
draws them.
"""

from importlib import import_module

import lazy_loader

_find, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    found = _find(name)
    if name != "refuse_namesakes":  # whether the engine is ours it is to find out
        present_results()
    return found


def present_results() -> None:
    """Let results look in notebooks as `adapters.report` draws them, which is loaded when one is looked at."""
    from engine.presenting import present_with  # the command's first process loads no engine

    present_with(_report)


def _report() -> object:
    return import_module("adapters.report")
