"""The kernel and the nouns of perpsim. What a user needs stands here; each room's own face has the rest.

`__init__.pyi` beside this file is the table of contents. A room is imported when a name of it is first used, so that
the sandbox's processes load nothing that they do not need.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
