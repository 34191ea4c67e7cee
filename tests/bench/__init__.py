"""Measurements, run by hand: `uv run python -m tests.bench.<name>`. Each ends with 1 where a promise is broken."""
