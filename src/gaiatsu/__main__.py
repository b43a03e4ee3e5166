"""`python -m gaiatsu`: the command line."""

from gaiatsu.cli import main

main()
