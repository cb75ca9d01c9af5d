"""Runs as cards, and the words for what became of a run."""
