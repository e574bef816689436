"""Steps that blocks of a recipe (`rounds`, `until`) are made with."""
