"""Numbers as few bytes."""

from .packed_series import NEXT_STEP, Step, deflated_columns, finest_step, pack_curve, unpack_curve

__all__ = ["NEXT_STEP", "Step", "deflated_columns", "finest_step", "pack_curve", "unpack_curve"]
