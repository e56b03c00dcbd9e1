"""Many files at once: what their names tell, in which groups they are imported, and what was imported before."""

from .file_names import NameTells, told_by_name
from .group_import import FileReport, GroupReport, Reading, import_group
from .import_plan import ImportGroup, ImportPlan, plan_import

__all__ = ["FileReport", "GroupReport", "ImportGroup", "ImportPlan", "NameTells", "Reading"]
__all__ += ["import_group", "plan_import", "told_by_name"]
