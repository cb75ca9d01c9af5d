"""The Library page: its address as a view, the grid of posters, one run opened over it, what is done with several."""
