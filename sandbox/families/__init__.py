"""What each model family accepts: one module per family, tables first, readers second.

A reader turns a parsed body into an Order, or raises Refusal with the field and its allowed values, without I/O.
"""
