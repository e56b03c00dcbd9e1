from __future__ import annotations

from adapters.imports.spool import Spool


def test_values_come_again_in_order_as_often_as_wanted() -> None:
    with Spool[tuple[int, bytes]]() as spool:
        values = [(place, bytes(40 << 20)) for place in range(4)]  # more than is kept in memory
        for value in values:
            spool.put(value)
        assert len(spool) == 4
        assert list(spool) == values
        first = iter(spool)
        assert next(first)[0] == 0
        assert [place for place, _ in spool] == [0, 1, 2, 3]
        assert next(first)[0] == 1
