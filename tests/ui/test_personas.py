"""`/persona`, and the `persona` option of `/generate` and `/song`, on a simulated Discord."""

from datetime import timedelta
from typing import Any

import discord
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Failure
from bot.domain.ports_personas import MADE_WITHIN, BadPersona, Persona, Trouble
from bot.ui.text import length
from bot.ui.words import persona as words
from bot.ui.words.refusals import refusal
from tests.parts import MORNING
from tests.ui.conftest import Carded, Show
from tests.ui.submits import change, rows
from tests.ui.test_song import requests
from tests.ui.test_text import UNESCAPED


async def typed(show: Show, command: str, member: Any = None, **options: Any) -> str:
    """The member types a command; return what only they read in the end."""
    return told(await (member or show.world.member).slash(show.world.channel, command, **options))


def told(answer: Any) -> str:
    """Return what the member reads in the end; it is for their eyes only."""
    assert answer.ephemeral
    text: str = (answer.followups or [answer.response])[-1].content
    return text


async def make(carded: Carded, name: str = "Ada *the* 1st", member: Any = None) -> str:
    ((task_id,),) = rows(carded.show, "SELECT task_id FROM tracks WHERE number = 1")
    return await typed(carded.show, "persona create", member, track=task_id, name=name)


async def offered(
    show: Show, command: str, so_far: str = "", member: Any = None, **options: Any
) -> list[dict[str, str]]:
    choices: list[dict[str, str]] = await (member or show.world.member).autocomplete(
        show.world.channel, command, "persona", so_far, **options
    )
    return choices


def personas(show: Show) -> list[tuple[Any, ...]]:
    return rows(show, "SELECT name, persona_id FROM personas ORDER BY created_at")


async def test_one_is_made_of_a_track_listed_offered_and_sings(carded: Carded) -> None:
    show = carded.show
    assert "Ada \\*the\\* 1st" in await make(carded)
    ((name, theirs),) = personas(show)
    assert name == "Ada *the* 1st"
    assert "Ada \\*the\\* 1st" in await typed(show, "persona list")
    ((choice),) = await offered(show, "generate", "ADA")
    assert choice["name"] == "Ada *the* 1st (yours)"
    eve = show.add_member("eve")
    by_list = await eve.slash(show.world.channel, "generate", prompt="snow", persona=choice["value"])
    assert not by_list.ephemeral, "whoever is in the server may use it"
    by_name = await show.generate("hail", persona=" ada *THE* 1st ")
    assert not by_name.ephemeral
    assert [request.persona_id for request in requests(show)] == ["", theirs, theirs]
    assert await offered(show, "generate", "zoe") == []
    assert await offered(show, "generate", provider="audiopod") == [], "known to another one only"
    change(show, "UPDATE personas SET persona_id = ''")
    assert await offered(show, "song") == [], "nothing sings that is not finished"
    assert "not there yet" in await typed(show, "song", persona=choice["value"])


async def test_a_song_keeps_its_persona_in_what_the_modal_carries(carded: Carded) -> None:
    show = carded.show
    await make(carded)
    ((own_id, theirs),) = rows(show, "SELECT id, persona_id FROM personas")
    opened = await show.world.member.slash(show.world.channel, "song", persona=own_id)
    assert opened.modal["custom_id"] == f"song:{own_id}"
    await show.world.member.submit_modal(opened, {"lyrics": "la la"})
    assert requests(show)[1].persona_id == theirs
    late = await show.world.member.slash(show.world.channel, "song", persona=own_id)
    await typed(show, "persona delete", persona=own_id)
    refused = await show.world.member.submit_modal(late, {"lyrics": "all my words"})
    assert refused.response.attachments, "what was written is handed back"
    assert len(requests(show)) == 2


async def test_the_cards_menu_makes_one_and_asks_for_its_name(carded: Carded) -> None:
    show, member = carded.show, carded.show.world.member
    opened = await member.select(carded.card(), custom_id=menu(carded), values=["persona"])
    assert "“Ada” is there" in told(await member.submit_modal(opened, {"name": "Ada"}))
    again = await member.select(carded.card(), custom_id=menu(carded), values=["persona"])
    refused = await member.submit_modal(again, {"name": "\u200b "})
    assert "write something in `name`" in told(refused)
    change(show, "UPDATE tracks SET expires_at = 1")
    expired = await member.select(carded.card(), custom_id=menu(carded), values=["persona"])
    assert "does not have that track any more" in expired.response.content


async def test_in_direct_messages_there_are_those_made_there(carded: Carded) -> None:
    show = carded.show
    ada, ((task_id,),) = show.world.member.user, rows(show, "SELECT task_id FROM tracks WHERE number = 1")
    await make(carded, "Ada")
    assert "no personas here yet" in (await ada.slash("persona list")).response.content
    assert "in direct messages" in told(await ada.slash("persona create", track=task_id, name="Ada"))
    ((theirs,),) = rows(show, "SELECT persona_id FROM personas WHERE guild_id IS NULL")
    assert not (await ada.slash("generate", prompt="snow", persona="Ada")).ephemeral
    assert requests(show)[1].persona_id == theirs


def menu(carded: Carded) -> str:
    ((task_id,),) = rows(carded.show, "SELECT id FROM tasks WHERE message_id IS NOT NULL")
    return f"more:{task_id}:1"


async def test_what_would_not_work_is_said_before_anything_is_asked(carded: Carded) -> None:
    show, tasks = carded.show, len(carded.show.vendor.tasks)
    await make(carded, "Ada")
    assert "You have a persona called “ada”" in await make(carded, "ada")
    assert "There is “Ada”." in await typed(show, "generate", prompt="snow", persona="Zoe")
    elsewhere = await typed(show, "generate", prompt="snow", persona="Ada", provider="audiopod")
    assert "known to MusicMint only. Choose that as `provider`, or leave `provider` out" in elsewhere
    change(show, "UPDATE personas SET guild_id = 1")
    for command, wish in (("generate", {"prompt": "snow"}), ("song", {})):
        assert "used there only" in await typed(show, command, persona="Ada", **wish)
    eve = show.add_member("eve")
    assert "not known here" in await typed(show, "generate", eve, prompt="snow", persona="Ada")
    assert "not known here" in await typed(show, "persona delete", eve, persona="Ada")
    assert len(show.vendor.tasks) == tasks
    assert len(requests(show)) == 1


async def test_again_and_remix_keep_the_voice_but_not_of_one_that_was_deleted(carded: Carded) -> None:
    show = carded.show
    await make(carded)
    change(show, "UPDATE tasks SET request = json_set(request, '$.persona_id', (SELECT persona_id FROM personas))")
    opened = await show.world.member.click(carded.card(), label="Remix")
    await show.world.member.submit_modal(opened, {"prompt": "snow"})
    first, remix = requests(show)
    assert remix.persona_id == first.persona_id != ""
    change(show, "UPDATE tasks SET request = json_set(request, '$.persona_id', 'theirs')")
    refused = await show.world.member.click(carded.card(), label="Again")
    assert "it was deleted" in refused.response.content
    assert len(requests(show)) == 2


async def test_its_owner_or_a_moderator_deletes_it_and_hears_what_is_left(carded: Carded) -> None:
    show, guild = carded.show, carded.show.world.guild
    await make(carded, "Ada")
    await make(carded, "Zoe")
    eve = show.add_member("eve")
    assert await offered(show, "persona delete", member=eve) == []
    assert "Only the person who" in await typed(show, "persona delete", eve, persona="Ada")
    moderators = guild.create_role("mods", permissions=discord.Permissions(manage_messages=True))
    moderator = guild.add_member(show.world.env.create_user("mo"), roles=[moderators])
    assert [one["name"] for one in await offered(show, "persona delete", member=moderator)] == ["Ada", "Zoe"]
    assert "MusicMint has no way to delete" in await typed(show, "persona delete", moderator, persona="Ada")
    await typed(show, "persona delete", persona="Zoe")
    assert "no personas here yet" in await typed(show, "persona list")


async def test_a_private_track_of_another_makes_no_persona_and_a_lost_answer_is_told(carded: Carded) -> None:
    show = carded.show
    show.vendor.behaviour.status = 502
    assert "It may have made the persona, and charged for it" in await make(carded)
    assert personas(show) == []
    show.vendor.behaviour.status = None
    change(show, "UPDATE tasks SET request = json_set(request, '$.private', json('true')), message_id = NULL")
    assert "no track of mine" in await make(carded, member=show.add_member("eve"))
    assert personas(show) == []


NAMES = st.text(min_size=1, max_size=60)


@given(NAMES, st.sampled_from(Trouble), NAMES, st.lists(NAMES, max_size=12))
def test_whatever_it_is_called_every_sentence_is_escaped_and_fits(
    name: str, trouble: Trouble, provider: str, others: list[str]
) -> None:
    said = [refusal(BadPersona(trouble, name, provider, others)), words.not_made(Failure.REJECTED, name)]
    persona = Persona("k7m2k7m2k7m2", name, 1, 2, "musicmint", "theirs", MORNING)
    said += [words.made(persona), words.deleted(persona, provider)]
    assert all(0 < length(text) <= 2000 for text in said)
    assert 0 < len(words.choice(persona, 1)) <= 100
    assert not UNESCAPED.search(words.made(persona).partition("“")[2].partition("”")[0])


@given(st.lists(NAMES, min_size=1, max_size=200), st.booleans(), st.timedeltas(timedelta(0), 2 * MADE_WITHIN))
def test_a_list_of_any_length_fits_one_message(names: list[str], finished: bool, age: timedelta) -> None:
    known = [Persona("k", name, 2**62, 2, "musicmint", "t" * finished, MORNING) for name in names]
    assert 0 < length(words.listed(known, {}, MORNING + age)) <= 2000
