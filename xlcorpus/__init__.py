"""xlcorpus: build multilingual training data."""
