"""Whether a configuration can be run on what is stored: found out before it is, from the database alone.

`__init__.pyi` beside this file is the table of contents. What a name stands in is imported when it is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
