"""Vectors of items, and flat pictures of them.

A space knows its vectors by modality, and what made them. One modality: a single-modal space. Two or more:
a shared (cross-modal) space.
"""
