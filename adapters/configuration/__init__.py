"""Configurations as TOML files, read and written; their fields as texts; text files of users."""

from .config_file import ConfigFile, read_config_file
from .field_tables import field_list, fields_markdown
from .text_files import read_text, read_toml
from .toml_text import config_toml

__all__ = ["ConfigFile", "config_toml", "field_list", "fields_markdown", "read_config_file", "read_text", "read_toml"]
