"""Comparing several models on one idea: lanes, plans, fairness, votes, and what can be exported.

Pure, apart from `film`, which renders the clips side by side with PyAV.
"""
