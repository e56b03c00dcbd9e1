"""What all written files, pictures and tables have in common."""

from .clean_texts import cleaned, without_places
from .hidden_secrets import without_secrets
from .picture import (
    FORMATS,
    INK,
    WIDE,
    dated,
    dress,
    log_if_wide,
    new_figure,
    require_matplotlib,
    save_figure,
    write_titles,
)
from .share import share_text
from .whole_files import atomic_file, written_file

# files and texts
__all__ = ["atomic_file", "cleaned", "share_text", "without_places", "without_secrets", "written_file"]
# pictures
__all__ += ["FORMATS", "INK", "dated", "dress", "log_if_wide", "new_figure", "require_matplotlib", "save_figure"]
__all__ += ["WIDE", "write_titles"]
