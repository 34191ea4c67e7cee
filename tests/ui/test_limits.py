"""A number or a text that a provider does not take is refused with the sentence that says what would work."""

from bot.domain.errors import OutOfRange, TooLongTogether
from bot.ui.words.refusals import refusal


def test_a_number_that_is_not_taken_is_answered_with_those_that_are() -> None:
    assert refusal(OutOfRange("bpm", 60, 200, 300)) == "`bpm` is 300 there, and 60 to 200 is possible."


def test_a_field_for_both_says_how_much_there_is_room_for_and_what_would_help() -> None:
    said = refusal(TooLongTogether("Sing*Song*", 199, 340))
    assert said == (
        "With own lyrics or without singing, Sing\\*Song\\* takes `style` and `prompt` as one text of at most "
        "199 characters, and these have 340 together. Please shorten one of them."
    )
