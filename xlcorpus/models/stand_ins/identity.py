"""What stands in fingerprints and on the card in place of the identity of a model."""

STAND_IN = "stand-in"
