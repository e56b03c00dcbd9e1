"""Configurations as TOML files, read and written; their fields as texts; text files of users."""

from .config_file import ConfigFile, read_config_file
from .field_tables import field_list, fields_markdown
from .text_files import read_text, read_toml
from .toml_text import config_toml

__all__ = [
    # config file
    "ConfigFile",
    "read_config_file",
    # field tables
    "field_list",
    "fields_markdown",
    # text files
    "read_text",
    "read_toml",
    # toml text
    "config_toml",
]
