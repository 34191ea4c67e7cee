"""The lyrics that the pretend vendors write: a few lines around the description's own words."""

from bot.sandbox.titles import invent_title

VERSES = (
    (
        "I left a light on by the door for {theme}",
        "The kettle hums, the floorboards know the tune",
        "And every street I walk is slowly turning",
        "Beneath the patient half of the moon",
    ),
    (
        "We counted all the windows up to {theme}",
        "A radio was playing down the hall",
        "You said the night had never been so quiet",
        "And then we heard the morning through the wall",
    ),
)
CHORUSES = (
    ("Oh, {theme}, carry me over", "Oh, {theme}, bring me back home"),
    ("Sing it again, {theme}", "Sing it until the day is here"),
)


def write_lyrics(description: str, variation: int = 0) -> str:
    """Write a verse and a chorus."""
    theme = invent_title(description).lower()
    verse, chorus = VERSES[variation % len(VERSES)], CHORUSES[variation % len(CHORUSES)]
    return "\n".join(("[Verse]", *verse, "", "[Chorus]", *chorus)).format(theme=theme)
