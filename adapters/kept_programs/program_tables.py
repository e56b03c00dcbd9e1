"""The tables of kept programs, and how much they may hold.

They are perpsim's own: made when the first program is saved, and nothing of the platform's knows of them.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, String, Table, Text, UniqueConstraint

#: Characters of a name, and of the source text of a version.
LONGEST_NAME, LONGEST_SOURCE = 100, 500_000
#: How many programs are kept, how many versions of each (the newest), and how many that are deleted (the last).
MOST_PROGRAMS, MOST_VERSIONS, MOST_DELETED = 1_000, 200, 50

metadata = MetaData()

#: One row for each program. `live_name` is its name as long as it is not deleted: no two of those are alike. `version`
#: is the newest one; times are epoch ms.
perp_programs = Table(
    "perp_programs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(LONGEST_NAME), nullable=False),
    Column("live_name", String(LONGEST_NAME), unique=True),
    Column("version", Integer, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("saved_ms", BigInteger, nullable=False),
    Column("deleted_ms", BigInteger),
)

#: One row for each version that is kept.
perp_program_versions = Table(
    "perp_program_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("program_id", Integer, ForeignKey("perp_programs.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("language", String(20), nullable=False),
    Column("code", Text, nullable=False),
    Column("saved_ms", BigInteger, nullable=False),
    UniqueConstraint("program_id", "version"),
)

PROGRAM_TABLES = (perp_programs, perp_program_versions)
