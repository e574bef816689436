"""Training sentence encoders on pairs."""
