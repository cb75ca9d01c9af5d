"""The files themselves: references on their way out, clips on their way in.

`references` reads what a person gives; `pictures` opens and saves pictures, `colours` keeps how they look (Pillow),
`hidden` takes out what nobody sees, `fixes` brings a file inside the limits of a model. With PyAV, `measure` reads
films and sounds (`whole` finds half files, `upright` shows a frame as it is meant), `clips` takes them in, `convert`
and `trim` make others of them. `delivered` compares a measured clip with what was asked for.
"""
