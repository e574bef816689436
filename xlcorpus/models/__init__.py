"""What a step loads: one protocol and its backends per file."""
