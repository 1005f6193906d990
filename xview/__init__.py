"""xview: a desktop laboratory for cross-modal retrieval. `architecture` in README.md maps the packages."""

__version__ = "0.1.0"
