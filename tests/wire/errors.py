"""Name the refusals of Discord's API by their codes."""

from __future__ import annotations

from typing import Any

#: code -> (HTTP status, Discord's own words)
REFUSALS = {
    10002: (404, "Unknown Application"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50013: (403, "Missing Permissions"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    50278: (403, "Cannot send messages to this user due to having no mutual guilds"),
    160002: (400, "Cannot reply without permission to read message history"),
    200000: (400, "Message was blocked by automatic moderation"),
}


class ApiError(Exception):
    """A refusal: `code` is Discord's; status and words follow from it unless given."""

    def __init__(self, code: int, *, status: int | None = None, errors: Any = None, message: str = "") -> None:
        known_status, known_words = REFUSALS.get(code, (500, "Internal Server Error"))
        self.code = code
        self.status = status or known_status
        self.words = message or known_words
        self.errors = errors
        super().__init__(f"{self.status} {code}: {self.words} {errors or ''}".rstrip())

    def body(self) -> dict[str, Any]:
        """Return the JSON object Discord answers with."""
        body: dict[str, Any] = {"message": self.words, "code": self.code}
        if self.errors:
            body["errors"] = self.errors
        return body


def invalid(field: str, words: str) -> ApiError:
    """Return a 400/50035 that blames one `field` ("embeds.0.title")."""
    errors: dict[str, Any] = {"_errors": [{"code": "INVALID", "message": words}]}
    for name in reversed(field.split(".")):
        errors = {name: errors}
    return ApiError(50035, errors=errors)
