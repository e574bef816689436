"""Steps that tell the language of texts and of words."""
