"""Losses shared by systems: pure functions of tensors, one idea a file."""
