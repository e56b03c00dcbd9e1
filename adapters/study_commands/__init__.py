"""The commands of many runs: one file for each, imported when it is run.

`__init__.pyi` beside this file says what others use of them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
