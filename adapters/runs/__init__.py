"""What stands around a run while it goes on: its progress, what asks it to end, its hash seed.

`__init__.pyi` beside this file is the table of contents. What a name stands in is imported when it is first used, so
that a command loads no progress bar before it shows one.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
