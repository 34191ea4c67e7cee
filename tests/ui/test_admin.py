"""`/admin` on a simulated Discord: for those who may manage the server, and nobody else."""

from typing import Any

import discord
import pytest
from simcord.backend.errors import SetupError

from bot.domain.ports_admin import Asked, ServerUsage
from bot.domain.ports_jobs import JobCounts, Left
from bot.domain.task import State
from bot.flows.vendor_facts import Account, Silence
from bot.ui.admin import runs_the_bot
from bot.ui.text import length
from bot.ui.words import admin as words
from tests.ui.conftest import Show


def manager(show: Show) -> Any:
    """Return a member who may manage the server."""
    role = show.world.guild.create_role("managers", permissions=discord.Permissions(manage_guild=True))
    return show.world.guild.add_member(show.world.env.create_user("mara"), roles=[role])


def application(show: Show) -> discord.AppInfo:
    """Return the application; this Discord says that the bot's own user owns it."""
    known = show.world.env.bot.application
    assert known is not None
    return known


class TestUsage:
    """What a server has asked for."""

    async def test_it_shows_numbers_and_who_asks_most_to_the_manager_alone(self, show: Show) -> None:
        await show.generate("a secret wish", private=True)
        await show.generate("another wish")
        typed = await manager(show).slash(show.world.channel, "admin usage")
        text = typed.response.content
        assert typed.ephemeral
        assert "**MusicMint:** 2 / 2" in text
        assert f"**Most in 30 days:** {show.world.member.mention} 2" in text
        assert "wish" not in text

    async def test_where_nothing_was_asked_for_it_says_so(self, show: Show) -> None:
        assert (await manager(show).slash(show.world.channel, "admin usage")).response.content == words.NOTHING

    async def test_others_do_not_see_it(self, show: Show) -> None:
        with pytest.raises(SetupError, match="default-member-permissions"):
            await show.world.member.slash(show.world.channel, "admin usage")

    async def test_shown_to_others_by_the_server_it_is_refused_all_the_same(self, show: Show) -> None:
        await show.generate()
        [command] = [one for one in show.world.backend.commands[None].values() if one["name"] == "admin"]
        show.world.guild.set_command_permissions(int(command["id"]), {show.world.member: True})
        typed = await show.world.member.slash(show.world.channel, "admin usage")
        assert typed.ephemeral
        assert typed.response.content == words.NOT_A_MANAGER

    async def test_it_is_not_offered_in_direct_messages(self, show: Show) -> None:
        with pytest.raises(SetupError, match="context"):
            await show.world.env.create_user("dora").slash("admin usage")

    async def test_a_manager_who_does_not_run_the_bot_learns_nothing_of_the_accounts(self, show: Show) -> None:
        typed = await manager(show).slash(show.world.channel, "admin usage")
        assert words.ACCOUNTS not in "".join(one.content for one in [typed.response, *typed.followups])

    async def test_whoever_runs_the_bot_is_told_of_the_accounts_as_well(self, show: Show) -> None:
        mara = manager(show)
        application(show).owner = await show.world.env.bot.fetch_user(mara.id)
        typed = await mara.slash(show.world.channel, "admin usage")
        [more] = typed.followups
        assert more.content == f"{words.ACCOUNTS}\n**MusicMint:** jobs: not offered · left: not offered"


class TestWhoRunsTheBot:
    """The owner of the application, or the team that owns it."""

    async def test_the_owner_does(self, show: Show) -> None:
        owned = application(show)
        assert runs_the_bot(owned, owned.owner.id)
        assert not runs_the_bot(owned, show.world.member.id)
        assert not runs_the_bot(None, owned.owner.id)

    async def test_of_a_team_whoever_took_the_invitation_does(self, show: Show) -> None:
        owned, state = application(show), show.world.env.bot._connection
        user = {"username": "tess", "discriminator": "0", "avatar": None}
        members = [
            {"user": {**user, "id": str(number)}, "team_id": "9", "membership_state": number, "role": "developer"}
            for number in (1, 2)
        ]
        team: Any = {"id": "9", "name": "us", "icon": None, "owner_user_id": "2", "members": members}
        owned.team = discord.Team(state, team)
        assert [runs_the_bot(owned, number) for number in (1, 2, owned.owner.id)] == [False, True, False]


class TestWords:
    """What is said of numbers."""

    def test_each_state_is_said_in_plain_words_and_being_made_once(self) -> None:
        asked = [Asked("mint", state, 1, 2) for state in State]
        text = words.usage(ServerUsage(asked, [(7, 3)]), {"mint": "Mint"})
        assert "**Mint:** 7 / 14 · 1 / 2 made, 1 / 2 failed, 1 / 2 taken back, 1 / 2 waiting, 2 / 4 being made" in text
        assert "<@7> 3" in text

    def test_an_account_is_said_in_the_vendors_own_measure(self) -> None:
        counts = JobCounts(9, {"music": 7, "*stems*": 2}, {}, {})
        assert words.account("Pod", Account(counts, Left(cents=1234))) == (
            r"**Pod:** jobs: 9 (music 7, \*stems\* 2) · left: 12.34 US dollars"
        )
        told = words.account("Api", Account(Silence.NOT_ANSWERED, Left(credits=7, extra_credits=2)))
        assert told == "**Api:** jobs: not answered · left: 7 credits and 2 extra ones"

    def test_many_providers_and_states_fit_one_message(self) -> None:
        big = 10**9
        asked = [Asked(f"provider-{number}", state, big, big) for number in range(9) for state in State]
        text = words.usage(ServerUsage(asked, [(10**19, big)] * 5), {})
        assert length(text) <= 2000
