"""The embedded gateway: a strict server of the documented wire contract that renders real films.

The contract is what the pages listed in `catalog/sources.toml` document, and the gateway's source code where they say
nothing. The sandbox is the other end of the wire, so it imports nothing of the program it serves. Run it alone with
`python -m sandbox --port 9000`, or build the ASGI application with `sandbox.app.create_app`.
"""
