"""Many files at once: what their names tell, in which groups they are imported, and what was imported before."""

from .file_names import NameTells, told_by_name
from .group_import import FileReport, GroupReport, Reading, import_group
from .import_plan import ImportGroup, ImportPlan, plan_import
from .import_readings import KINDS, FileOptions, reading_of
from .market_names import coin_of

# what is imported together
__all__ = ["ImportGroup", "ImportPlan", "NameTells", "coin_of", "plan_import", "told_by_name"]
# how its files are read, and what came of it
__all__ += ["KINDS", "FileOptions", "FileReport", "GroupReport", "Reading", "import_group", "reading_of"]
