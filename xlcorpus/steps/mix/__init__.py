"""Steps that set how much of what a corpus holds, and in which order."""
