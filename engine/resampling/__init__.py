"""What chance would have made of what was recorded: rows drawn anew, seeded, on numpy alone."""

from .stationary_bootstrap import stationary_bootstrap_indices

# which rows are drawn
__all__ = ["stationary_bootstrap_indices"]
