"""The table of outputs. A new output is one module here and one row."""
