"""Many runs of one program: each is an ordinary run, of which what it came to is kept.

`__init__.pyi` beside this file is the table of contents. What a name stands in is imported when it is first used, so
that a worker loads no database.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
