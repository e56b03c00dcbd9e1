"""The HTTP API and the web page.

`__init__.pyi` beside this file is the table of contents. What a name stands in is imported when it is first used, so
that the process of a run loads no server.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
