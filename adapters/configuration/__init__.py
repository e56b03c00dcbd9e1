"""Configurations as TOML files, read and written."""

from .config_file import ConfigFile, read_config_file
from .toml_text import config_toml

__all__ = [
    # config file
    "ConfigFile",
    "read_config_file",
    # toml text
    "config_toml",
]
