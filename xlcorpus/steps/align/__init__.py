"""Steps that align documents and sentences, and learn lexicons from them."""
