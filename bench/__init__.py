"""Performance, measured as ratios within one run. Never a test: a busy machine is no bug."""
