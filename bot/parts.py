"""Every part of the bot, made and joined; nothing runs yet."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.callbacks import CallbackListener
from bot.client import Client
from bot.connections import most_connections
from bot.domain.ports import Clock, Limits
from bot.domain.ports_jobs import Jobs
from bot.domain.ports_outside import CallbackReader, Provider
from bot.downloads import Downloads
from bot.flows.deliver import Deliver
from bot.flows.intake import Intake
from bot.flows.my_data import MyData
from bot.flows.personas import MemberPersonas
from bot.flows.presets import StylePresets
from bot.flows.purge import Purge
from bot.flows.reconcile import Reconcile
from bot.flows.rename import Rename
from bot.flows.retry import Retry
from bot.flows.submit import Submit
from bot.flows.tell import Tell
from bot.flows.vendor_facts import Models
from bot.flows.vendor_jobs import VendorJobs
from bot.flows.worker import Worker
from bot.media import MediaFiles
from bot.media.probe import Probe
from bot.settings import Settings
from bot.store.board import SqliteQueue
from bot.store.cards import SqliteCards
from bot.store.database import Database
from bot.store.deliveries import SqliteDeliveries
from bot.store.facts import SqliteFacts
from bot.store.library import SqliteLibrary
from bot.store.members import SqliteMembers
from bot.store.news import SqliteNews
from bot.store.personas import SqlitePersonas
from bot.store.purge import SqlitePurging
from bot.store.retries import SqliteRetries
from bot.store.shelves import SqliteShelves
from bot.store.submissions import SqliteSubmissions
from bot.store.tellings import SqliteTellings
from bot.store.tracks import SqliteTracks
from bot.store.usage import SqliteUsages
from bot.ui.answers import Answers
from bot.ui.cancelling import QueuedLines
from bot.ui.origins import Origins
from bot.ui.poster import DiscordPoster
from bot.ui.services import Services


@dataclass(frozen=True, slots=True)
class Vendors:
    """The configured vendors by name, the preferred one first: asked, heard, and their jobs managed."""

    providers: Mapping[str, Provider]
    readers: Mapping[str, CallbackReader]
    jobs: Mapping[str, Jobs]


@dataclass(frozen=True, slots=True)
class Parts:
    """What is run, once everything is joined."""

    client: Client
    listener: CallbackListener
    #: Workers that need the providers only, and workers that need Discord.
    asking: tuple[Worker, ...]
    posting: tuple[Worker, ...]


class _Stores:
    """What the flows and the client remember, each subject of the one database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.facts, self.submissions = SqliteFacts(database), SqliteSubmissions(database)
        self.news, self.deliveries = SqliteNews(database), SqliteDeliveries(database)
        self.tellings, self.cards = SqliteTellings(database), SqliteCards(database)
        self.tracks, self.queue, self.members = SqliteTracks(database), SqliteQueue(database), SqliteMembers(database)


@dataclass(frozen=True, slots=True)
class _Flows:
    """The flows that run all the time."""

    deliver: Deliver
    tell: Tell
    intake: Intake
    submit: Submit
    reconcile: Reconcile
    purge: Purge


def join(settings: Settings, database: Database, vendors: Vendors, downloads: Downloads, clock: Clock) -> Parts:
    """Make every part and join them."""
    stores = _Stores(database)
    client, answers = Client(stores.facts.get, stores.facts.put), Answers(clock)
    vendor_jobs = VendorJobs(vendors.jobs, stores.news.earlier_jobs)
    labels = {name: provider.contract.label for name, provider in vendors.providers.items()}
    poster = DiscordPoster(
        client,
        answers,
        labels,
        lambda task: flows.submit.elsewhere(task),
        lambda: flows.submit.offers,
        Origins(stores.submissions, stores.cards).link,
    )
    flows = _flows(settings, stores, vendors, vendor_jobs, MediaFiles(downloads), poster, clock)
    client.servers = flows.purge
    client.services = _services(settings, stores, vendors, vendor_jobs, flows, poster, answers, Probe(downloads), clock)
    listener = CallbackListener(vendors.readers, flows.intake, clock, most_connections=most_connections())
    asking = (*flows.submit.workers, flows.reconcile.worker, flows.purge.worker)
    return Parts(client, listener, asking, (flows.deliver.worker, flows.tell.worker))


def _flows(
    settings: Settings,
    stores: _Stores,
    vendors: Vendors,
    vendor_jobs: VendorJobs,
    files: MediaFiles,
    poster: DiscordPoster,
    clock: Clock,
) -> _Flows:
    """Make the flows, each of which wakes those that have something to do then."""
    providers, days = vendors.providers, settings.prompt_retention_days
    deliver = Deliver(
        stores.deliveries,
        providers,
        files,
        poster,
        clock,
        dm_fallback=settings.dm_fallback,
        on_end=lambda: _wake(tell.worker),
    )
    tell = Tell(stores.tellings, poster, clock, lambda provider: submit.health.stays_away(provider))
    intake = Intake(
        stores.news,
        clock,
        on_news=lambda: _wake(deliver.worker, tell.worker, *submit.workers),
        on_ask=lambda: _wake(reconcile.worker),
    )
    submit = Submit(
        stores.submissions,
        providers,
        _limits(settings),
        intake,
        clock,
        on_change=lambda: _wake(tell.worker, reconcile.worker, purge.worker),
        on_left=vendor_jobs.delete,
    )
    reconcile = Reconcile(stores.news, providers, intake, clock)
    purging = SqlitePurging(stores.database)
    purge = Purge(purging, clock, prompt_retention_days=days, on_closed=lambda: _wake(tell.worker, *submit.workers))
    return _Flows(deliver, tell, intake, submit, reconcile, purge)


def _services(
    settings: Settings,
    stores: _Stores,
    vendors: Vendors,
    vendor_jobs: VendorJobs,
    flows: _Flows,
    poster: DiscordPoster,
    answers: Answers,
    probe: Probe,
    clock: Clock,
) -> Services:
    """Gather what buttons and commands may use."""
    database, submit, jobs, lines = stores.database, flows.submit, vendors.jobs, QueuedLines(poster, answers)
    retries, again = SqliteRetries(database), lambda: _wake(flows.tell.worker, flows.reconcile.worker)
    return Services(
        submit=submit,
        deliver=flows.deliver,
        tasks=stores.submissions,
        cards=stores.cards,
        poster=poster,
        answers=answers,
        clock=clock,
        queue=stores.queue,
        lines=lines,
        members=stores.members,
        library=SqliteLibrary(database),
        shelves=SqliteShelves(database),
        tracks=stores.tracks,
        rename=Rename(stores.tracks, stores.submissions, vendor_jobs),
        retry=Retry(retries, vendors.providers, jobs, clock, on_change=again),
        vendor_jobs=vendor_jobs,
        jobs=jobs,
        presets=StylePresets(jobs, clock),
        personas=MemberPersonas(
            SqlitePersonas(database), vendors.providers, submit.check_place, clock, settings.member_per_day
        ),
        models=Models(jobs, clock),
        usages=SqliteUsages(database),
        my_data=MyData(stores.members, stores.queue, submit, lines, poster, vendor_jobs, clock),
        probe=probe,
        limits=_limits(settings),
        prompt_retention_days=settings.prompt_retention_days,
        report_channel=settings.report_channel,
        recall=stores.facts.get,
        started_at=clock(),
        last_callback=flows.intake.last_callback,
    )


def _limits(settings: Settings) -> Limits:
    return Limits(settings.member_at_once, settings.member_per_day, settings.allowed_guilds)


def _wake(*workers: Worker) -> None:
    for worker in workers:
        worker.wake()
