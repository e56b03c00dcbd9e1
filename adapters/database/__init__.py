"""Market databases: SQLite and PostgreSQL behind one interface, their tables, and rows in and out of them.

`__init__.pyi` beside this file is the table of contents. What a name stands in is imported when it is first used, so
that a run whose market is in the cache loads no SQLAlchemy.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
