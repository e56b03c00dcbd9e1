"""What every command stands on: groups of commands, options, the end of a failure, the streams of the process."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
