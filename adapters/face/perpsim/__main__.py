"""The command ``perpsim`` as ``python -m perpsim``."""

from runpy import run_module

if __name__ == "__main__":
    run_module("adapters", run_name="__main__", alter_sys=True)
