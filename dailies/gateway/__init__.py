"""The other side of the wire: performing calls and reading whatever comes back.

`client` is the only importer of httpx. `replies` decodes, `failures` words what went wrong, `assets` and `asset_life`
are the asset library, `channel_keys` takes an operator's key apart, `health` knows whether a gateway answers.
"""
