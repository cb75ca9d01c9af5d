"""What each model family accepts: one module per family, tables first, reading second.

Nothing here does I/O; a module turns a parsed body into an Order or raises Refusal with the field and what it allows.
"""
