"""What all written files and pictures have in common."""

from .picture import FORMATS, INK, dated, dress, new_figure, require_matplotlib, save_figure, write_titles
from .whole_files import atomic_file

# picture
__all__ = ["FORMATS", "INK", "dated", "dress", "new_figure", "require_matplotlib", "save_figure", "write_titles"]
# whole files
__all__ += ["atomic_file"]
