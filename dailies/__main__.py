"""`python -m dailies`: the command line."""

from dailies.cli import main

main(prog_name="python -m dailies")
