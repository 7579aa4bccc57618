"""How a measurement that cannot be trusted ends."""


class Failure(Exception):
    """What went wrong, in a sentence for whoever measures."""
