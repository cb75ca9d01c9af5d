"""From what a form says to one HTTP call, as data. Pure: no file, clock or network.

`draft` checks and adapts, `wire` encodes, `snippets` writes a call as code to copy.
"""
