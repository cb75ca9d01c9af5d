"""What happens to a run between the press and the clip.

`life` decides, without I/O, what a run needs next and what an event makes of it. `worker` performs it; `asset_watch`
does the same for assets. Both stand on one `due_loop`.
"""
