"""The embedded gateway: a strict server of the documented wire contract that renders real films.

The contract is what the pages in `catalog/sources.toml` document, and the gateway's source code where they are silent.
The sandbox stands on the other side of the wire and therefore imports nothing of the program it serves. Run it alone
with `python -m sandbox --port 9000`, or build the ASGI application with `sandbox.app.create_app`.
"""
