"""Language identification: one protocol and its back ends."""
