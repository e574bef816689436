"""The steps that come with xlcorpus, one file per family."""
