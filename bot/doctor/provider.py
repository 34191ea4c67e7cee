"""Whether a music provider accepts the key, and what is left to pay with; asked in a way that costs nothing."""

import aiohttp

from bot.doctor.report import Line, fail, note, ok
from bot.domain.contract import JobAction
from bot.domain.errors import AnswerLost, CreditsSpent, KeyRefused, NoSubscription, NotAccepted, ProviderError
from bot.domain.ports_jobs import Left
from bot.providers.http import HttpProvider
from bot.providers.jobs import HttpJobs
from bot.providers.left import left_at
from bot.providers.wire import Wire
from bot.settings import ProviderSettings


async def look_at_key(configured: ProviderSettings, wire: Wire, session: aiohttp.ClientSession) -> list[Line]:
    """Return whether the key is accepted, and what is left where the vendor tells it."""
    provider = HttpProvider(wire, session, configured.base_url, None)
    label, question = wire.contract.label, left_at(wire)
    try:
        await provider.check_key()
        left = None if question is None else await provider.ask(question.call, question.read)
    except ProviderError as error:
        return [_trouble(configured.name, label, error)]
    return [ok(_key(label), f"{label} accepts it"), *([] if left is None else [_left(label, left)])]


async def look_at_jobs(configured: ProviderSettings, wire: Wire, session: aiohttp.ClientSession) -> list[Line]:
    """Return how the model is, and whether there is something to try with, where the vendor tells it."""
    jobs = HttpJobs(HttpProvider(wire, session, configured.base_url, None), getattr(wire, "jobs", None))
    label, lines = wire.contract.label, []
    for name, action, ask in (
        ("model", JobAction.MODEL, jobs.model_status),
        ("sample data", JobAction.SAMPLES, jobs.sample_data),
    ):
        if action not in wire.contract.jobs:
            continue
        try:
            await ask()
        except ProviderError as error:
            lines.append(note(f"{label} {name}", f"{label} does not tell it ({error.detail})"))
        else:
            lines.append(ok(f"{label} {name}", "it answers"))
    return lines


def _key(label: str) -> str:
    return f"{label} key"


def _left(label: str, left: Left) -> Line:
    if left.cents is not None:
        name, dollars = f"{label} balance", f"{left.cents / 100:.2f} US dollars are left"
        return ok(name, dollars) if left.cents > 0 else fail(name, dollars, "Top up the account")
    name, extra = f"{label} credits", f" and {left.extra_credits:g} extra ones" if left.extra_credits else ""
    usual = left.credits or 0
    if usual + left.extra_credits <= 0:
        return fail(name, "none are left", "Buy some in the account's dashboard")
    return ok(name, f"{usual:g} are left{extra}")


def _trouble(name: str, label: str, error: ProviderError) -> Line:
    key, said = _key(label), error.detail
    match error:
        case KeyRefused():
            remedy = f"Copy a good key from the API page of its dashboard into {name.upper()}_API_KEY"
            return fail(key, f"{label} refuses it ({said})", remedy)
        case CreditsSpent():
            return fail(key, f"{label} has no credits left for it ({said})", "Top up the account")
        case NoSubscription():
            return fail(key, f"{label} wants a subscription for it ({said})", "Renew the account's subscription")
        case NotAccepted(busy=True):
            return fail(key, f"{label} is busy ({said})", "Try again in a minute")
        case NotAccepted():
            remedy = f"See that {name.upper()}_BASE_URL is right and that this machine may connect there"
            return fail(key, f"{label} cannot be reached ({said})", remedy)
        case AnswerLost() if said.startswith("no answer"):
            return fail(key, f"{label} did not answer ({said})", "Try again later; see the status page of the provider")
    remedy = f"See that {name.upper()}_BASE_URL is the address of its API, as its pages say it, without /api/v1"
    return fail(key, f"what answers does not speak like {label} ({said})", remedy)
