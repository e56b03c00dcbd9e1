"""The sandbox: source text in a locked-down process that is shown the past and nothing else.

`__init__.pyi` beside this file is the table of contents. What a name stands in is imported when it is first used, so
that the locked-down process loads nothing that it does not need.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
