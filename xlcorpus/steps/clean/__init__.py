"""Steps that bring text into order before anything is measured on it."""
