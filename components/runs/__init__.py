"""Runs as cards."""
