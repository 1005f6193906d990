"""Encoders and trainable systems."""
