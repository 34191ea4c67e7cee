"""The refusal of a call at a pretend vendor."""


class Refusal(Exception):
    """Refuse a call, with an HTTP status and what the vendor's own body calls it, where it has a name."""

    def __init__(self, message: str, status: int = 400, code: int | str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
