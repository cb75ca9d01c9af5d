"""The other side of the wire: performing calls and reading whatever comes back.

`client` and its `transport` are the only importers of httpx; `addresses` says where they may connect. `replies`
decodes, `failures` words what went wrong, `assets` and `asset_life` are the asset library, `channel_keys` takes an
operator's key apart, `health` knows whether a gateway answers.
"""
