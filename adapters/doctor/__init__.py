"""Whether a run can work on this machine: libraries, jail, database, cache, clock; what that costs."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
