"""Names that those who only watch a run need, too. Imports nothing."""

SELECT = "validation mAP"
"""The measure the best epoch is chosen by."""
LAST, BEST = "checkpoint.safetensors", "best.safetensors"
"""In a run's folder: where to resume, and the epoch that validated best."""
UNSEEN = "unseen mAP"
"""Shown beside `SELECT`; nothing is ever chosen by it."""
