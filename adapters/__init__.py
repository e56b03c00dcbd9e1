"""The outside world: databases, files, the sandbox, results, the command line, the web page.

`__init__.pyi` beside this file is the table of contents. A room is imported when a name of it is first used, so that
``perpsim --help`` loads nothing that it does not need.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
