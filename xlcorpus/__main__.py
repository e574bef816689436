"""`python -m xlcorpus`."""

from xlcorpus.cli.main import main

main()
