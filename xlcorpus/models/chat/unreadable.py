"""What is said of an answer that cannot be read."""


class UnreadableError(ValueError):
    """An answer has not the form that was asked for; says what is wrong, for the model too."""
