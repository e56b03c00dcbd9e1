"""The desk of results: the list of all that are stored, what is noted of each, several compared, files of one.

`__init__.pyi` beside this file is the table of contents. What a name stands in is imported when it is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
