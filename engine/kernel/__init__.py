"""Time, and what is said in it: clock and phases, the bus, its messages.

`__init__.pyi` beside this file is the table of contents. What a name stands in is imported when it is first used, so
that the processes of the sandbox load nothing that they do not need.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
