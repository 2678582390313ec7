"""Markdown papers in, an edited proceedings volume out."""

__version__ = "0.1.0"
