"""What is known about models: the TOML files, read strictly and resolved once into cells; billing names and prices.

`load` is what the rest of the program sees, `files` the format of a file, `cells` the merging of its three levels,
`billing` the names that carry values, `prices` the operator's price file.
"""
