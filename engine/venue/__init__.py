"""What a venue demands: instruments, margin tiers, rule books, and the models of execution.

`__init__.pyi` beside this file is the table of contents. What a name stands in is imported when it is first used, so
that the processes of the sandbox, which need instruments, load no rule book and no configuration.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
