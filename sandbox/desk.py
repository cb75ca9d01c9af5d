"""The endpoints that create tasks, describe them and serve their files.

Owns the sequence of a create (check, keep the media, log, start) and the look-ups behind a query. `rules.py` decides
what a request may hold; `answers.py`, `unified.py` and `official.py` build the answers.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from sandbox import answers, official, rules, unified
from sandbox.answers import Links
from sandbox.assets import Library
from sandbox.body import Body, read_body
from sandbox.caller import Caller
from sandbox.families.family import Family, Parent
from sandbox.hangup import BreakOff, HangUp
from sandbox.order import Order
from sandbox.refusal import Refusal, invalid
from sandbox.shapes.shape import Shape
from sandbox.shelf import Shelf
from sandbox.studio import Studio
from sandbox.tasks import SLOWDOWN, State, Task, TaskStore, compute_pause, compute_state, find_directives

Endpoint = Callable[[Request], Awaitable[Response]]
WAITING = 0.05  # seconds between two looks at a task that an answer waits for
DRAWN = {"thumbnail": (Studio.draw_thumbnail, "image/webp"), "spritesheet": (Studio.draw_sheet, "image/jpeg")}
REVIEW_SHARE = 1 / 3  # of a task's time: the review of an imported asset


class Desk:
    """The endpoints over one data folder, answering in a shape.

    `native` makes Kling's routes answer as Kling's own API, `clock` returns the Unix time in seconds.
    """

    def __init__(
        self, data: Path, seconds: float, frame_rate: int, shape: Shape, *, native: bool, clock: Callable[[], float]
    ) -> None:
        self.seconds, self.shape, self.native, self.clock = seconds, shape, native, clock
        self.store = TaskStore(data)
        self.library = Library(data, seconds * REVIEW_SHARE, clock)
        self.shelf = Shelf(data / "uploads", self.find_own_file)
        self.caller = Caller()
        self.studio = Studio(data / "films", self.store, self.shelf, frame_rate, clock)

    def resume(self) -> None:
        """Continue what an earlier process left unfinished."""
        self.studio.resume()
        self.library.resume()

    def close(self) -> None:
        """Stop rendering and close the stores."""
        self.caller.close()
        self.studio.close()
        self.library.close()
        self.store.close()

    def find_own_file(self, at: str) -> Path | None:
        """Return the file behind `film:<token>` or `asset://<id>`, or None."""
        if at.startswith("film:"):
            return self.studio.folder / f"{at.removeprefix('film:')}.mp4"
        return self.library.path(at.removeprefix("asset://")) if at.startswith("asset://") else None

    def build_create(self, entry: str) -> Endpoint:
        """Build the endpoint of a create route."""

        async def create(request: Request) -> Response:
            return await self._create(request, entry, lambda body: self.shape.accept(entry, body))

        return create

    def build_follow(self, entry: str) -> Endpoint:
        """Build the endpoint of a route that continues an earlier clip."""

        async def follow(request: Request) -> Response:
            def accept(body: Body) -> tuple[Family, Order]:
                parent = rules.read_uploaded_parent(entry, body)
                if parent is None:
                    parent = self._find_parent(rules.read_source_id(entry, request.path_params.get("task_id"), body))
                return self.shape.accept_after(entry, body, parent)

            return await self._create(request, entry, accept)

        return follow

    async def _create(self, request: Request, entry: str, accept: Callable[[Body], tuple[Family, Order]]) -> Response:
        """Create a task and describe it."""
        family, task = await self._start(request, entry, accept)
        state = State("queued", 0, task.created)
        return self._answer(self._describe_created(request, family, task, state), task, state)

    async def create_and_wait(self, request: Request) -> Response:
        """Create a task and answer with its film once it is ready, as `/v1/videos/sync` of vLLM-Omni does."""
        _, task = await self._start(request, "videos", lambda body: self.shape.accept("videos", body))
        while (state := self._look(task.id)[1]).ended is None:
            await asyncio.sleep(WAITING)
        if state.phase == "failed":
            raise Refusal(500, state.code, state.reason)
        return FileResponse(self.studio.get_film_path(task), media_type="video/mp4")

    async def _start(
        self, request: Request, entry: str, accept: Callable[[Body], tuple[Family, Order]]
    ) -> tuple[Family, Task]:
        """Check, log and start one create; the directives in its prompt may stage a failure."""
        body = await read_body(request)
        now, prompt = self.clock(), body.values.get("prompt")
        model = body.values.get("model") or body.values.get("model_name")
        try:
            family, order = accept(body)
            model, prompt = order.model, order.prompt
            order = await asyncio.to_thread(self._settle, order)
            stages = find_directives(order.prompt)
            if "429" in stages:
                message = "the upstream is busy, try again later"
                raise Refusal(429, "rate_limited", message, headers={"Retry-After": "2"})
            if "500" in stages:
                raise Refusal(500, "do_request_failed", "the gateway could not reach the upstream")
        except Refusal as refusal:
            self.store.log_create(None, model, prompt, refusal.status, now)
            if entry.startswith("kling-"):
                raise official.refuse_like_kling(refusal, native=self.native) from None
            raise
        lasts = self.seconds * (SLOWDOWN if "slow" in stages else 1)
        if order.seed is None:
            order = replace(order, take=self.store.count_takes(order))
        task_id = self.shape.make_id(family, order)
        task = Task(task_id, family.name, order, now, lasts, token=secrets.token_urlsafe(24))
        self.store.add(task)
        if task.has_film:
            self.studio.start(task)
        self._call_back(request, task)
        self.store.log_create(task_id, order.model, order.prompt, 0 if "drop" in stages else 200, now)
        if "drop" in stages:
            raise HangUp
        return family, task

    def _call_back(self, request: Request, task: Task) -> None:
        """Post the task to the address that its order names when it has ended, in the upstream's own form."""
        entry, links = task.order.entry, self._make_links(request, task)

        def look() -> dict[str, Any] | None:
            state = self._look(task.id)[1]
            if state.ended is None:
                return None
            if entry.startswith("vidu-"):
                return official.describe_own_vidu(task, state, links)
            if entry.startswith("kling-"):
                told: dict[str, Any] = official.describe_found_kling(task, state, links, "")["data"]
                return told
            return answers.describe_upstream(task, state, links)

        if task.order.callback:
            self.caller.follow(task.order.callback, look)

    def _settle(self, order: Order) -> Order:
        """Store the order's media; raises Refusal for an unusable asset or file, or a task name in use."""
        if order.family == "seedance":
            self.library.check(order)
        name = order.handed_back.get("external_task_id")
        if name and self.store.is_external_id_taken(name):
            raise invalid("external_task_id", f"{name!r} is already the name of an earlier task")
        return self.shelf.settle(order)

    def _describe_created(self, request: Request, family: Family, task: Task, state: State) -> dict[str, Any]:
        """Build the answer of a create in the form of its route."""
        entry = task.order.entry
        if entry == "generations":
            return {"task_id": task.id}
        if entry == "unified" or (task.order.parent and task.order.family == "grok"):
            return unified.describe_created(task)
        if entry.startswith("vidu-"):
            return official.describe_created_vidu(task)
        if entry.startswith("kling-") and self.native:
            return official.describe_created_kling(task, request.scope["sandbox.request_id"])
        return self.shape.describe_created(family, task, state)

    def _find_parent(self, task_id: str) -> Parent:
        """Find the finished task that a follow-up names; raises Refusal for any other."""
        task, state = self._look(task_id)
        if state.phase != "completed" or task.film_size is None:
            raise invalid("id", f"task {task_id} is not completed: {answers.OUTER_WORDS[state.phase]}")
        wide, _, high = task.film_size.partition("x")
        return Parent(task.id, task.order, f"film:{task.token}", (int(wide), int(high)))

    def _look(self, task_id: str, entry: str = "") -> tuple[Task, State]:
        """Find a task and its state now; `entry` limits the search to routes with that prefix."""
        task = self.store.get(task_id) or self.store.get(f"grok:{task_id}")
        if task is None or not task.order.entry.startswith(entry):
            raise self.shape.refuse_unknown(task_id)
        family = rules.get_family(task.family)
        return task, compute_state(task, self.clock(), family.style.moderation_code)

    async def query_video(self, request: Request) -> Response:
        """Describe a task as an OpenAI-format object."""
        task, state = self._look(request.path_params["task_id"])
        return self._answer(self._describe(request, task, state), task, state)

    def _describe(self, request: Request, task: Task, state: State) -> dict[str, Any]:
        """Build the OpenAI-format object of a task."""
        link = self._make_links(request, task).film
        return self.shape.describe(rules.get_family(task.family), task, state, link)

    async def list_videos(self, request: Request) -> Response:
        """List tasks by page."""
        page = self.shape.read_page(request.query_params)
        found = self.store.list_page(after=page.after, limit=page.limit, newest_first=page.newest_first)
        if found is None and not page.skips_unknown:
            raise invalid("after", f"task {page.after} does not exist")
        tasks, more = found or ([], False)
        now = self.clock()
        items = [self._describe(request, task, compute_state(task, now, "")) for task in tasks]
        return JSONResponse(self.shape.describe_page(items, more))

    async def delete_video(self, request: Request) -> Response:
        """Delete a task and its files."""
        task, state = self._look(request.path_params["task_id"])
        if state.ended is None and not self.shape.deletes_unfinished:
            raise self.shape.refuse_deletion(task, state)
        self.store.remove(task.id)
        await asyncio.to_thread(self.studio.remove, task)
        return JSONResponse(self.shape.describe_deleted(self._describe(request, task, state)))

    async def query_generation(self, request: Request) -> Response:
        """Describe a task in the gateway's wrapper."""
        task, state = self._look(request.path_params["task_id"])
        inner = answers.describe_upstream(task, state, self._make_links(request, task))
        return self._answer(answers.wrap(task, state, inner), task, state)

    async def query_unified(self, request: Request) -> Response:
        """Describe the task named by `?id=` in the unified format."""
        task_id = request.query_params.get("id", "")
        if not task_id:
            raise invalid("id", "id is required")
        task, state = self._look(task_id)
        return self._answer(unified.describe_found(task, state, self._make_links(request, task)), task, state)

    async def query_vidu(self, request: Request) -> Response:
        """Describe a task of Vidu's routes as the gateway does."""
        task, state = self._look(request.path_params["task_id"], "vidu-")
        return self._answer(official.describe_found_vidu(task, state, self._make_links(request, task)), task, state)

    async def query_vidu_own(self, request: Request) -> Response:
        """Describe a task of Vidu's routes as Vidu's own API does."""
        task, state = self._look(request.path_params["task_id"], "vidu-")
        return self._answer(official.describe_own_vidu(task, state, self._make_links(request, task)), task, state)

    def build_kling_query(self, entry: str) -> Endpoint:
        """Build the query endpoint of one of Kling's routes; it finds only the tasks of that route."""

        async def query(request: Request) -> Response:
            try:
                task, state = self._look(request.path_params["task_id"], entry)
            except Refusal as refusal:
                raise official.refuse_like_kling(refusal, native=self.native) from None
            tell = official.describe_found_kling if self.native else official.wrap_found_kling
            body = tell(task, state, self._make_links(request, task), request.scope["sandbox.request_id"])
            return self._answer(body, task, state)

        return query

    def _make_links(self, request: Request, task: Task) -> Links:
        # A staged dead link has a well-formed token that no task has, so it answers 404.
        token = task.token[::-1] if "dead-link" in task.stages else task.token
        return Links(*(str(request.url_for(name, token=token)) for name in ("film", "last_frame", "poster")))

    async def send_content(self, request: Request) -> Response:
        """Serve the clip of a finished task, its first frame or a sheet of frames (`?variant=`)."""
        task_id = request.path_params["task_id"]
        variant = self.shape.choose_variant(request.query_params.get("variant", "video"))
        try:
            task, state = self._look(task_id)
        except Refusal:
            raise self.shape.refuse_unknown(task_id, content=True) from None
        if state.phase != "completed":
            raise self.shape.refuse_content(task, state)
        headers = {"Cache-Control": "public, max-age=86400"}
        if variant == "video":
            return FileResponse(self.studio.get_film_path(task), media_type="video/mp4", headers=headers)
        draw, kind = DRAWN[variant]
        return Response(await asyncio.to_thread(draw, self.studio, task), media_type=kind, headers=headers)

    async def send_film(self, request: Request) -> Response:
        """Serve a clip by its token; the first fetch of a `#truncated` clip breaks off."""
        task, path = self._find_file(request, ".mp4")
        if "truncated" in task.stages and self.store.break_off_once(task.id):
            return BreakOff(path)
        return FileResponse(path, media_type="video/mp4")

    async def send_last_frame(self, request: Request) -> Response:
        """Serve the last frame of a clip by its token."""
        return FileResponse(self._find_file(request, ".png")[1], media_type="image/png")

    async def send_poster(self, request: Request) -> Response:
        """Serve the first frame of a clip by its token."""
        task, _ = self._find_file(request, ".mp4")
        return FileResponse(await asyncio.to_thread(self.studio.make_poster, task), media_type="image/jpeg")

    def _find_file(self, request: Request, suffix: str) -> tuple[Task, Path]:
        """Find the file of a finished clip by its token; raises a 404 before the clip exists."""
        task = self.store.get_by_token(request.path_params["token"])
        if task is None or task.film_ready is None:
            raise HTTPException(404, "no such file")
        path = self.studio.get_film_path(task).with_suffix(suffix)
        if not path.exists():
            raise HTTPException(404, "no such file")
        return task, path

    async def list_creates(self, request: Request) -> Response:
        """List the creates received."""
        return JSONResponse(self.store.list_creates())

    def _answer(self, body: dict[str, Any], task: Task, state: State) -> Response:
        """Answer with a body and, until the task has ended, a hint when to ask again."""
        pause = compute_pause(task, state) if self.shape.hints else None
        return JSONResponse(body, headers={} if pause is None else {"openai-poll-after-ms": str(pause)})
