"""The page of a result: what it shows, from a database or from memory, as one file, in a notebook, and for the web.

`__init__.pyi` beside this file is the table of contents. What a name stands in is imported when it is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
