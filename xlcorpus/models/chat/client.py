"""Asks chat models, many at a time, each request with its own retries: a slow or failing one holds up no other."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from xlcorpus.accounts import Account, Accounts, Asked
from xlcorpus.asking import Asking
from xlcorpus.errors import UserError, XlcorpusError
from xlcorpus.models.chat import answer as responses
from xlcorpus.models.chat.answer import CUT_OFF, LARGEST, Answer, Failure
from xlcorpus.models.chat.answer_cache import AnswerCache
from xlcorpus.models.chat.limiter import Limiter
from xlcorpus.models.chat.player import Player
from xlcorpus.models.chat.request import ChatRequest

if TYPE_CHECKING:
    import aiohttp

BACKOFF_S, BACKOFF_CAP_S = 0.5, 60.0
"""Seconds before the first retry, doubled each time up to the cap, unless the endpoint says how long."""

REACH_S = 10.0
"""Seconds within which an endpoint has to take the first connection."""
GONE_S = 120.0
"""Seconds that an endpoint which was there may be gone."""

_CHARACTERS_A_TOKEN = 3
"""For the first guess at the tokens of a prompt."""


@dataclass
class _Endpoint:
    """What is known of an endpoint."""

    limiter: Limiter
    headers: Mapping[str, str]
    proxy: str | None
    reached: bool = False
    takes_n: bool = True
    """whether several samples may be asked at once"""
    takes_schema: bool = True
    gone_since: float | None = None
    tokens: float = 0.0
    """mean tokens of an answer"""
    answers: int = 0


class Chats:
    """A client of all endpoints of a run, used within one event loop.

    >>> async with Chats() as chats:
    ...     answers = await chats.ask(player, [request], step="generate")

    Args:
        cache: where answers are kept and found; None: nowhere.
        accounts: where requests are counted.
        refresh: ask again what is kept.
    """

    def __init__(
        self, cache: AnswerCache | None = None, accounts: Accounts | None = None, refresh: bool = False
    ) -> None:
        self._cache, self._refresh = cache, refresh
        self.accounts = accounts or Accounts()
        self._endpoints: dict[tuple[str, str | None], _Endpoint] = {}
        """by address and variable of the key: limits are a key's"""
        self._session: aiohttp.ClientSession | None = None
        self._asking: dict[bytes, asyncio.Future[Answer | Failure]] = {}
        self._fresh: set[bytes] = set()
        self._numbers = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close its connections and files."""
        if self._session is not None:
            await self._session.close()
            self._session = None
        if self._cache is not None:
            self._cache.close()

    @classmethod
    def of(cls, asking: Asking) -> Chats:
        """The client of a run."""

        def make() -> Chats:
            cache = None if asking.answers is None else AnswerCache(asking.answers)
            return cls(cache, asking.accounts, asking.refresh)

        return asking.client(cls, make)

    async def ask(
        self,
        player: Player,
        requests: Sequence[ChatRequest],
        step: str = "",
        order: tuple[int, ...] | None = None,
        asked: Asked | None = None,
    ) -> list[Answer | Failure]:
        """Answers to requests that differ only in the number of the sample, in their order.

        An answer that was cut off is given, but not kept.

        Args:
            step: name under which requests are counted.
            order: of requests that wait for a place, those with the least are sent first; default: as they come.
            asked: where the answers are counted, those that were kept too.

        Raises:
            UserError: the endpoint refuses key, address or model.
            XlcorpusError: the endpoint cannot be reached, or has been gone for `GONE_S`.
            BudgetReachedError: no more may be spent.
        """
        account = self.accounts.of(step, player.model)
        digests = [request.digest(player) for request in requests]
        found: dict[int, Answer | Failure] = {}
        waiting: dict[int, asyncio.Future[Answer | Failure]] = {}
        missing: list[int] = []
        for i, digest in enumerate(digests):
            kept = self._kept(digest)
            if kept is not None:
                found[i] = kept
                account.kept += 1
            elif digest in self._asking:
                waiting[i] = self._asking[digest]
            else:
                self._asking[digest] = asyncio.get_running_loop().create_future()
                missing.append(i)
        if missing:
            self._numbers += 1
            try:
                place = (self._numbers,) if order is None else order
                together = [(digests[i], requests[i]) for i in missing]
                for i, said in zip(missing, await self._answers(player, together, account, place), strict=True):
                    found[i] = said
            except BaseException as problem:
                for i in missing:
                    future = self._asking.pop(digests[i])
                    if not future.done():
                        future.set_exception(problem)
                        future.exception()  # nobody may wait for it
                raise
            for i in missing:
                self._asking.pop(digests[i]).set_result(found[i])
        for i, future in waiting.items():
            found[i] = await asyncio.shield(future)
        answers = [found[i] for i in range(len(requests))]
        if asked is not None:
            for said in answers:
                if isinstance(said, Answer):
                    asked.add(cost(player, said))
        return answers

    def _kept(self, digest: bytes) -> Answer | None:
        if self._cache is None or (self._refresh and digest not in self._fresh):
            return None
        return self._cache.get(digest)

    async def _answers(
        self, player: Player, asked: Sequence[tuple[bytes, ChatRequest]], account: Account, order: tuple[int, ...]
    ) -> list[Answer | Failure]:
        """Ask for all at once where the endpoint can, for the rest one by one."""
        endpoint = self._endpoint(player)
        found: list[Answer | Failure] = []
        if len(asked) > 1 and endpoint.takes_n:
            request = replace(asked[0][1], extra={**asked[0][1].extra, "n": len(asked)})
            said = await self._sent(player, endpoint, request, account, order)
            if isinstance(said, Failure):
                if not said.bad_request:
                    return [said] * len(asked)
                endpoint.takes_n = False
            else:
                found += said[: len(asked)]
                if len(found) < len(asked):
                    endpoint.takes_n = False
        for (digest, _), one in zip(asked, found, strict=False):
            self._keep(digest, one)

        async def single(digest: bytes, request: ChatRequest) -> Answer | Failure:
            said = await self._sent(player, endpoint, request, account, order)
            one = said if isinstance(said, Failure) else said[0]
            self._keep(digest, one)  # whatever becomes of the others
            return one

        others = await asyncio.gather(*(single(*one) for one in asked[len(found) :]), return_exceptions=True)
        for other in others:
            if isinstance(other, BaseException):
                raise other
            found.append(other)
        return found

    def _keep(self, digest: bytes, said: Answer | Failure) -> None:
        if isinstance(said, Answer) and said.finish != CUT_OFF and self._cache is not None:
            self._cache.put(digest, said)
            if self._refresh:
                self._fresh.add(digest)

    async def _sent(
        self, player: Player, endpoint: _Endpoint, request: ChatRequest, account: Account, order: tuple[int, ...]
    ) -> list[Answer] | Failure:
        """Send a request until it is answered or fails for good."""
        attempt, begun = 0, time.monotonic()
        guess = sum(len(m.content) for m in request.messages) / _CHARACTERS_A_TOKEN + endpoint.tokens
        while True:
            self.accounts.check()
            structured = endpoint.takes_schema and player.structured == "json_schema"
            falls = await endpoint.limiter.enter(order, guess)
            overload: bool | None = None
            used = 0.0
            try:
                self.accounts.check()
                self.accounts.sent()
                account.requests += 1
                account.retries += attempt > 0
                sent = time.monotonic()
                said = await self._once(player, endpoint, request.body(player, structured))
                account.seconds += time.monotonic() - sent
                overload = said.overload if isinstance(said, Failure) else False
                if not isinstance(said, Failure):
                    used = said[0].prompt_tokens + said[0].completion_tokens
            finally:
                endpoint.limiter.leave(overload, falls, guess - used)
            if not isinstance(said, Failure):
                self._count(player, endpoint, account, said[0])
                return said
            if said.stops is not None:
                raise UserError(f"the endpoint {player.chat_url} answers {said.stops}")
            if said.bad_request and structured and request.schema is not None and endpoint.takes_schema:
                # It may not know `response_format`: asked once without.
                endpoint.takes_schema = False
                continue
            waited = time.monotonic() - begun
            if said.capacity and waited < player.timeout_s:
                pass
            elif not said.retryable or attempt >= player.max_retries:
                return said
            await asyncio.sleep(_pause(said, attempt))
            attempt += 1

    async def _once(self, player: Player, endpoint: _Endpoint, body: bytes) -> list[Answer] | Failure:
        import aiohttp  # loaded where something is sent

        timeout = aiohttp.ClientTimeout(total=player.timeout_s, sock_connect=REACH_S)
        try:
            async with self._open().post(
                player.chat_url, data=body, headers=endpoint.headers, timeout=timeout, proxy=endpoint.proxy
            ) as response:
                endpoint.reached, endpoint.gone_since = True, None
                data = await _all_of(response.content)
                if data is None:
                    return Failure(f"an answer of more than {LARGEST:,} bytes", retryable=True)
                return responses.read(response.status, response.headers, data)
        except aiohttp.ClientConnectorError as problem:
            return self._out_of_reach(player, endpoint, str(problem.os_error.strerror or problem.os_error))
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as problem:
            return Failure(f"the connection broke: {problem or type(problem).__name__}", retryable=True, overload=True)
        except (TimeoutError, aiohttp.ServerTimeoutError):
            if not endpoint.reached:
                return self._out_of_reach(player, endpoint, "it takes no connection")
            return Failure(f"no answer in {player.timeout_s:g} s", retryable=True, overload=True)
        except (aiohttp.ClientError, ValueError) as problem:
            return Failure(f"{type(problem).__name__}: {problem}", retryable=True)

    def _out_of_reach(self, player: Player, endpoint: _Endpoint, why: str) -> Failure:
        now = time.monotonic()
        if endpoint.gone_since is None:
            endpoint.gone_since = now
        if not endpoint.reached or now - endpoint.gone_since > GONE_S:
            raise XlcorpusError(
                f"cannot reach the endpoint {player.chat_url}: {why}; what was answered is kept, and a new run goes on"
            )
        return Failure(f"cannot connect: {why}", retryable=True, capacity=True, overload=True)

    def _count(self, player: Player, endpoint: _Endpoint, account: Account, said: Answer) -> None:
        paid = cost(player, said)
        account.paid.add(paid)
        self.accounts.paid(paid.price)
        endpoint.answers += 1
        endpoint.tokens += (said.completion_tokens - endpoint.tokens) / endpoint.answers

    def _endpoint(self, player: Player) -> _Endpoint:
        key = (player.base_url, player.api_key_env)
        found = self._endpoints.get(key)
        if found is None:
            limiter = Limiter(
                player.concurrency, player.max_concurrency, player.requests_per_minute, player.tokens_per_minute
            )
            found = self._endpoints[key] = _Endpoint(limiter, _headers(player), _proxy(player.base_url))
        return found

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            import aiohttp

            # Places are given by the limiter alone.
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
            self._session = aiohttp.ClientSession(connector=connector)
        return self._session


def cost(player: Player, answer: Answer) -> Asked:
    """What an answer took, with its price by the player's list."""
    price = 0.0
    if player.price is not None:
        cached = player.price.prompt if player.price.cached is None else player.price.cached
        fresh = answer.prompt_tokens - answer.cached_tokens
        price = fresh * player.price.prompt + answer.cached_tokens * cached
        price += answer.completion_tokens * player.price.completion
    return Asked(1, answer.prompt_tokens, answer.cached_tokens, answer.completion_tokens, price / 1e6)


async def _all_of(content: aiohttp.StreamReader) -> bytes | None:
    """What an endpoint sends; None if it is too much."""
    data = await content.readany()
    while not content.at_eof():
        data += await content.readany()
        if len(data) > LARGEST:
            return None
    return data


def _headers(player: Player) -> dict[str, str]:
    key = player.key()
    return {"Content-Type": "application/json"} | ({} if key is None else {"Authorization": f"Bearer {key}"})


def _proxy(url: str) -> str | None:
    """The proxy that the environment names for an address; looked up once, where aiohttp would for each request."""
    parts = urlsplit(url)
    if parts.hostname is None or proxy_bypass(parts.hostname):
        return None
    return getproxies().get(parts.scheme)


def _pause(failure: Failure, attempt: int) -> float:
    """Seconds before the next try, spread so that those that failed together do not meet again."""
    if failure.retry_after_s is not None:
        return min(max(failure.retry_after_s, 0.0), 600.0)
    return min(BACKOFF_S * 2.0**attempt, BACKOFF_CAP_S) * random.uniform(0.5, 1.5)
