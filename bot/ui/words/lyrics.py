"""The words on and around the card of lyrics."""

EDIT, SING, KEEP = "Edit", "Sing it", "Keep"
EDIT_TITLE = "Edit the lyrics"
SING_TITLE = "Have these lyrics sung"
#: Whoever did not ask for the lyrics changes a copy of their own.
COPY_TITLE = "Your own copy: change it, have it sung"
WORDS = "Lyrics"
LET_GO = "Not kept any more. Their card stays where it is."
NO_WORDS = "There are no words in this one: the music service sent none, or they have been removed for their age."


def kept(library: str) -> str:
    """The answer to whoever keeps them. `library`: the command that finds them again."""
    return f"Kept: {library} finds them again. Press the button once more to let them go."


def edit_label(number: int, several: bool) -> str:
    """The label of the button that edits; with its number where a card has several."""
    return f"{EDIT} {number}" if several else EDIT


def sing_label(number: int, several: bool) -> str:
    """The label of the button that has them sung."""
    return f"{SING.removesuffix(' it')} {number}" if several else SING


def kept_label(likes: int) -> str:
    """The label of the button that keeps, with how many do."""
    return f"{KEEP} · {likes}" if likes else KEEP


def rest_stays(shown_characters: int, whole: int) -> str:
    """Under a box that does not hold all the words to edit; Discord takes at most 100 characters."""
    return f"The first {shown_characters:,} of {whole:,} characters fit here. The rest stays on the card as it is."


def rest_unsung(shown_characters: int, whole: int) -> str:
    """Under a box that does not hold all the words to sing."""
    return f"Only the first {shown_characters:,} of {whole:,} characters fit here. The rest is not sung."
