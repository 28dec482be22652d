"""What is told without a stack trace."""


class ExportError(ValueError):
    """An export that cannot be: the message says what is wrong, and what is legal."""
