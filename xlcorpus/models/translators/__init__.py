"""Machine translation: one protocol and its back ends."""
