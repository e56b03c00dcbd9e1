"""What acts: SimPy processes that publish on the bus, and the engine that starts the standard set of them.

`__init__.pyi` beside this file is the table of contents. What a name stands in is imported when it is first used, so
that a command asks for its hash seed before anything else is loaded.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
