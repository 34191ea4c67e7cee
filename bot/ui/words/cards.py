"""The words on and around a card's buttons."""

from bot.domain.task import Task

LIKE = "Like"
AGAIN = "Again"
REMIX = "Remix"
DETAILS = "Details"
DELETE = "Delete"
DELETE_FOR_SURE = "Yes, delete it"
DELETE_COMMAND = "Delete this track"

DELETE_QUESTION = "Delete this card with its tracks, for everybody? That cannot be undone."
DELETING = "Deleting …"
DELETED = "Deleted."
NOT_DELETED = "I could not delete it. A moderator can."
DISMISS = "Only you can see this one, and I cannot take it away: press “Dismiss message” below it."


def liked(likes: int) -> str:
    """The label of the like button."""
    return f"{LIKE} · {likes}" if likes else LIKE


def deleted(task: Task) -> str:
    """The queued line once the card has been deleted."""
    return f"🗑️ A track of <@{task.origin.member_id}> was here; it has been deleted."
