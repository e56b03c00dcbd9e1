"""What all written files and pictures have in common."""

from .picture import FORMATS, INK, dated, dress, new_figure, require_matplotlib, save_figure, write_titles
from .whole_files import atomic_file

__all__ = ["FORMATS", "INK", "atomic_file", "dated", "dress", "new_figure", "require_matplotlib", "save_figure"]
__all__ += ["write_titles"]
