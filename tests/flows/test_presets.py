"""What providers suggest as styles is asked for once a day, and never in anybody's way."""

from bot.flows.presets import StylePresets
from bot.providers.http import HttpProvider, provider_session
from bot.providers.jobs import HttpJobs
from bot.store.database import Database
from tests.flows.pod import Pod, open_pod
from tests.parts import Clock
from tests.providers.musicmint_samples import MINT


def asked(pod: Pod) -> int:
    """Return how often the vendor was asked for its presets."""
    return sum(request.path.endswith("/presets") for request in pod.vendor.requests)


async def test_presets_are_asked_for_once_a_day(database: Database, clock: Clock) -> None:
    async with open_pod(database, clock) as pod:
        presets = StylePresets({"audiopod": pod.jobs}, clock)
        assert "Jazz" in await presets.styles()
        clock.advance(hours=23)
        assert "Jazz" in await presets.styles()
        assert asked(pod) == 1
        clock.advance(hours=1)
        assert "Jazz" in await presets.styles()
        assert asked(pod) == 2


async def test_a_vendor_that_is_down_is_asked_again_after_a_while_and_nobody_is_told(
    database: Database, clock: Clock
) -> None:
    async with open_pod(database, clock) as pod:
        pod.vendor.behaviour.status = 503
        presets = StylePresets({"audiopod": pod.jobs}, clock)
        assert await presets.styles() == ()
        before = len(pod.vendor.requests)
        assert await presets.styles() == ()
        assert len(pod.vendor.requests) == before
        pod.vendor.behaviour.status = None
        clock.advance(minutes=10)
        assert "Jazz" in await presets.styles()


async def test_a_vendor_without_presets_is_not_asked(database: Database, clock: Clock) -> None:
    async with open_pod(database, clock) as pod, provider_session() as session:
        without = HttpJobs(HttpProvider(MINT, session, "http://127.0.0.1:9", None))
        presets = StylePresets({"musicmint": without, "audiopod": pod.jobs}, clock)
        assert "Jazz" in await presets.styles()
