"""The files themselves: references on their way out, clips on their way in.

`formats` names a file by its first bytes. `references` is the only importer of Pillow. With PyAV, `measure` reads films
and sounds (`whole` finds half files, `upright` shows a frame as it is meant), `clips` takes them in, and `convert`
makes others of them. `delivered` compares a measured clip with what was asked for.
"""
