"""A failed task is made again (`/task retry`, buttons): for nothing where its provider does that, else after asking."""

import discord

from bot.domain.contract import Answer
from bot.domain.errors import NotYours, WordsRemoved
from bot.domain.task import State, Task
from bot.flows.retry import Retried
from bot.ui.asking import ask
from bot.ui.cancelling import offered, own
from bot.ui.reworking import rework_again
from bot.ui.services import services_of
from bot.ui.task_button import TASK_ID, TaskButton
from bot.ui.words import task as words


class RetryChargedButton(TaskButton, template=rf"retry-charged:{TASK_ID}"):
    """Asks for the same as a failed task did, as a new one that is charged."""

    label, prefix, style = words.RETRY_CHARGED, "retry-charged", discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Ask, if the task is still failed and whoever pressed had asked for it."""
        services = services_of(interaction)
        task = await services.tasks.get(self.task_id)
        if task is None:
            await interaction.response.send_message(words.UNKNOWN, ephemeral=True)
            return
        if task.origin.member_id != interaction.user.id:
            raise NotYours
        if task.state is not State.FAILED:
            await interaction.response.send_message(words.not_failed(task), ephemeral=True)
            return
        if task.request.source is not None:
            await rework_again(interaction, task)
            return
        if not task.request.about:  # its words had their time
            raise WordsRemoved
        configured = [offer.name for offer in services.submit.offers]
        wanted = task.provider if task.provider in configured else ""
        await ask(interaction, task.request, parent_id=task.id, wanted=wanted)


async def retry(interaction: discord.Interaction, typed: str) -> None:
    """Have a failed task made again, or say why not, to the member alone. Raises NotYours."""
    services = services_of(interaction)
    failed = await services.retry.failed(interaction.user.id)
    task = failed[0] if not typed and len(failed) == 1 else await own(services, typed, interaction.user.id)
    if task is None:
        text = (words.UNKNOWN if typed else words.WHICH_ONE) if failed else words.NOTHING_FAILED
        await interaction.response.send_message(text, ephemeral=True)
        return
    # The provider may take longer than the three seconds that Discord waits.
    await interaction.response.defer(ephemeral=True, thinking=True)
    outcome = await services.retry.retry(task)
    task = await services.tasks.get(task.id) or task
    view = None
    if outcome is Retried.CHARGED and (task.request.about or task.request.source):
        view = discord.ui.View(timeout=None).add_item(RetryChargedButton(task.id))
    offers = [offer for offer in services.submit.offers if offer.name == task.provider]
    answer = offers[0].answer(task.request.kind) if offers else Answer.TASK
    await interaction.edit_original_response(content=words.retried(task, outcome, answer), view=view)


async def choices(interaction: discord.Interaction, typed: str) -> list[Task]:
    """Return the member's failed tasks that hold the words typed so far, the newest first."""
    return offered(await services_of(interaction).retry.failed(interaction.user.id), typed)
