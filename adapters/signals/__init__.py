"""Stored signals and pools: read, added, previewed, shown.

`__init__.pyi` beside this file is the table of contents. What a name stands in is imported when it is first used, so
that a run loads no tables of signals.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
