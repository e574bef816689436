"""How well embeddings, mined pairs and alignments agree with gold data."""
