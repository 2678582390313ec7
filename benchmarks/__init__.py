"""What the tool takes of time and memory, beside the plain way of doing the same: `python -m benchmarks --help`."""
