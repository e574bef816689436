"""From pairs to an encoder: what learns, and what it leaves behind."""
