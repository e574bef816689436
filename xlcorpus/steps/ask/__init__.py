"""Steps that ask chat models."""
