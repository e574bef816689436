"""`python -m xlcorpus`."""

from xlcorpus.cli import main

main()
