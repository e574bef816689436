"""Writing a release: shards, dataset card, validation, the Hub. Reads finished tables, knows no steps."""
