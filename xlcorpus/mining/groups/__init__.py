"""From pairs of texts to n-way groups."""
