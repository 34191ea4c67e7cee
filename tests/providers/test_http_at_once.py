"""Calls over HTTP that are answered with their result: how often each is sent, how long and how large it may be."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.domain.errors import AnswerLost, ProviderError, Rejected
from bot.domain.task import Kind
from bot.domain.track import Completed, Uploaded
from bot.providers.audiopod import AudioPod
from bot.providers.http import HttpProvider, provider_session
from bot.providers.musicmint import MusicMint
from bot.providers.wire import Call, Question, Reply
from tests.providers.kinds import some_task
from tests.providers.musicmint_samples import sample

ONCE = [Kind.SONG, Kind.EXTEND, Kind.STEMS, Kind.MIDI]
FREE = [Kind.WAV, Kind.TIMELINE, Kind.WAVEFORM]

Answer = Callable[[web.Request], Any]


class Vendor:
    """Answers everything with what is next in line, the last of them ever after."""

    def __init__(self, *answers: tuple[int, bytes]) -> None:
        self.asked: list[web.Request] = []
        self._answers = list(answers)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        status, body = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return web.Response(status=status, body=body, content_type="application/json")


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[str]:
    """Serve on loopback; yield the address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def reached(answer: Answer, session: aiohttp.ClientSession | None = None) -> AsyncIterator[HttpProvider]:
    """Yield MusicMint as the bot knows it."""
    async with serving(answer) as address, session or provider_session() as opened:
        yield HttpProvider(MusicMint("sk-mm-key", (), 7), opened, address, "https://bot.example")


BROKEN = (500, b"<html>")


@pytest.mark.parametrize("kind", ONCE)
async def test_what_may_be_charged_is_sent_once_whatever_comes_back(kind: Kind) -> None:
    vendor = Vendor(BROKEN, (200, sample("generate")))
    async with reached(vendor.answer) as provider:
        with pytest.raises(AnswerLost):
            await provider.submit(some_task(kind))
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("kind", FREE)
async def test_what_is_free_is_asked_again_where_its_answer_was_lost(kind: Kind) -> None:
    vendor = Vendor(BROKEN, (200, sample(kind)))
    async with reached(vendor.answer) as provider:
        assert isinstance(await provider.submit(some_task(kind)), Completed)
    assert [request.method for request in vendor.asked] == ["GET", "GET"]
    assert {request.query["clip_id"] for request in vendor.asked} == {"clip-7f3a"}


async def test_what_is_refused_is_not_asked_again_however_free_it_is() -> None:
    vendor = Vendor((200, sample("error_expired")))
    async with reached(vendor.answer) as provider:
        with pytest.raises(Rejected):
            await provider.submit(some_task(Kind.WAV))
    assert len(vendor.asked) == 1


async def test_a_file_and_a_persona_are_sent_once_and_read() -> None:
    vendor = Vendor((200, sample("upload")), (200, sample("persona")), BROKEN)
    async with reached(vendor.answer) as provider:
        assert await provider.upload("https://files.example/a.mp3") == Uploaded("clip-90ab", 37)
        assert await provider.make_persona("Ada", "clip-90ab") == "persona-5c1"
        for lost in (provider.upload("https://files.example/a.mp3"), provider.make_persona("Ada", "clip-90ab")):
            with pytest.raises(AnswerLost):
                await lost
    assert [request.path.rpartition("/")[2] for request in vendor.asked] == ["upload", "persona"] * 2


async def test_what_is_not_offered_is_refused_before_anything_is_sent() -> None:
    vendor = Vendor((200, b"{}"))
    async with serving(vendor.answer) as address, provider_session() as session:
        pod = HttpProvider(AudioPod("key", ()), session, address, None)
        for not_offered in (pod.upload("https://a/b"), pod.make_persona("Ada", "1"), pod.submit(some_task(Kind.COVER))):
            with pytest.raises(Rejected, match="not sent"):
                await not_offered
    assert vendor.asked == []


async def test_a_call_with_a_limit_of_its_own_outlives_the_sessions_time_out() -> None:
    late = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        await late.wait()
        return web.json_response({})

    short = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.05, sock_read=0.05))
    async with reached(answer, short) as provider:
        waiting = asyncio.create_task(provider.send(Call("POST", "/slow", limit=30)))
        with pytest.raises(AnswerLost):
            await provider.send(Call("POST", "/quick"))
        # The limit's call began first, so by now it has outlived the same time-out.
        late.set()
        assert (await waiting).status == 200


async def test_a_limit_of_its_own_is_one() -> None:
    over = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        await over.wait()
        return web.Response()

    async with reached(answer) as provider:
        with pytest.raises(AnswerLost, match="no answer"):
            await provider.send(Call("POST", "/slow", limit=0.05))
        over.set()


async def test_a_long_tracks_peaks_are_larger_than_any_other_answer_and_read() -> None:
    peaks = json.dumps({"code": 0, "data": [0.123456789012] * 200_000}).encode()
    vendor = Vendor((200, peaks))
    async with reached(vendor.answer) as provider:
        assert isinstance(await provider.submit(some_task(Kind.WAVEFORM)), Completed)
        with pytest.raises(ProviderError, match="no answer"):
            await provider.submit(some_task(Kind.SONG))
        for largest, fits in ((len(peaks), True), (len(peaks) - 1, False)):
            call = Call("GET", "/", largest=largest)
            if fits:
                assert (await provider.send(call)).body == peaks
            else:
                with pytest.raises(AnswerLost):
                    await provider.send(call)


async def test_a_large_answer_is_read_beside_the_event_loop_and_a_small_one_on_it() -> None:
    small, large = b"[" + b" " * 60_000 + b"]", b"[" + b" " * 70_000 + b"]"
    vendor = Vendor((200, small), (200, small), (200, large))
    question = Question(Call("GET", "/"), lambda reply: threading.current_thread() is threading.main_thread())
    async with reached(vendor.answer) as provider:
        assert await provider.ask(question.call, question.read)
        assert await provider.do(question)
        assert not await provider.ask(question.call, question.read)
        assert not await provider.do(question)


async def test_large_answers_are_read_one_at_a_time() -> None:
    together = threading.Barrier(2)

    def read(reply: Reply) -> bool:
        try:
            together.wait(0.1)
        except threading.BrokenBarrierError:
            return False  # nobody else came
        return True

    async with reached(Vendor((200, b"x" * 100_000)).answer) as provider:
        assert await asyncio.gather(*(provider.ask(Call("GET", "/"), read) for _ in range(2))) == [False, False]
