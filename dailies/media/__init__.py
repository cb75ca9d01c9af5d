"""The files themselves: references on their way out, clips on their way in.

`references` is the only importer of Pillow. `clips` reads video with PyAV. `delivered` compares a measured clip with
what was asked for.
"""
