"""A library, or some of its runs, as files that another installation takes in.

`records` writes and reads the record beside each clip, `pack` writes an archive, `unpack` takes one in. An archive is a
folder or a ZIP and holds no key.
"""
