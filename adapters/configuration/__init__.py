"""Configurations as TOML files, read and written; their fields as texts; text files of users."""

from .config_file import ConfigFile, parse_field, parse_value, read_config_file
from .config_text import values_of_toml
from .field_tables import field_list, fields_markdown
from .text_files import read_text, read_toml
from .toml_text import changed_toml, config_toml

# configurations
__all__ = ["ConfigFile", "changed_toml", "config_toml", "parse_field", "parse_value", "read_config_file"]
__all__ += ["values_of_toml"]
# their fields
__all__ += ["field_list", "fields_markdown"]
# files
__all__ += ["read_text", "read_toml"]
