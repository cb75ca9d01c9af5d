"""What gateways, proxies and model servers answer, how each run must end, and what a person must be able to read.

Each case is one small input that a real server gave, or a neighbour of it. `{B}` is the server's address, `{CLIP}` a
small MP4 in base64. The defaults are those of a server in good order whose clip stands at the link of its reply.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One answer: JSON, a text, or the bytes of the clip, with whatever label."""

    json: Any = None
    text: str | None = None
    clip: bool = False
    status: int = 200
    type: str = ""
    headers: Mapping[str, str] | None = None
    data: bytes | None = None


def answers(json: Any) -> Reply:
    return Reply(json)


NO_ROUTE = Reply({"error": {"message": "Invalid URL (GET /content)", "type": "invalid_request_error"}}, status=404)
CLIP = Reply(clip=True)
CREATED = Reply({"id": "t1", "status": "queued"})
FINISHED = Reply({"id": "t1", "status": "completed", "progress": 100})
LINKED = Reply({"id": "t1", "status": "completed", "video_url": "{B}/f/a.mp4"})


@dataclass(frozen=True)
class Case:
    """`polls` are given in turn, the last one for ever; `by_task` are the polls of other ids of the task."""

    kind: str
    name: str
    polls: tuple[Reply, ...] = (FINISHED,)
    create: Reply = CREATED
    content: Reply = NO_ROUTE
    files: Reply = CLIP
    ends: str = "done"
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    by_task: Mapping[str, Reply] | None = None
    percent: int | None = None

    @property
    def id(self) -> str:
        return f"{self.kind}: {self.name}"


def link(name: str, **body: Any) -> Case:
    """A finished task whose link stands where no documented shape has it; the content route does not exist."""
    return Case("link", name, (Reply({"id": "t1", "status": "completed", **body}),))


def reason(
    name: str, body: Mapping[str, Any] | None = None, says: str = "The reason stands here.", **more: Any
) -> Case:
    """A failed task whose reason stands in another place."""
    reply = Reply({"id": "t1", "status": "failed", **(body or {}), **more})
    return Case("reason", name, (reply,), ends="failed", says=(says,), never=("no reason", "not why"))


def word(name: str, status: Any, ends: str = "done", says: str = "", **more: Any) -> Case:
    """A task with a status word that nobody documented."""
    reply = Reply({"id": "t1", "status": status, **more})
    return Case("status", name, (reply,), ends=ends, says=(says,) if says else ())


def refusal(name: str, status: int, body: Any, *says: str, never: tuple[str, ...] = (), type: str = "") -> Case:
    """A create that is refused; nothing says that it was free unless a documented code does."""
    create = Reply(text=body, status=status, type=type) if isinstance(body, str) else Reply(body, status=status)
    return Case("refusal", name, create=create, content=CLIP, ends="failed", says=says, never=never)


def unsure(name: str, create: Reply, *says: str) -> Case:
    never = ("not charged", "nothing charged")
    return Case("unsure", name, create=create, content=CLIP, ends="unsure", says=says, never=never)


URL = "{B}/f/a.mp4"
HERE = "The reason stands here."
MADE = ("clip is made", "made and paid")

SEEN = (
    # --- seen in the field ---------------------------------------------------------------------------------------
    Case(
        "task",
        "request id only",
        create=answers({"request_id": "r-77"}),
        polls=(
            answers({"request_id": "r-77", "status": "pending"}),
            answers({"status": "done", "video": {"url": URL, "duration": 8}}),
        ),
    ),
    Case("task", "list around the task", create=answers([{"id": "t1", "status": "queued"}]), content=CLIP),
    Case(
        "task",
        "operation name",
        create=answers({"name": "models/veo/operations/abc"}),
        polls=(
            answers(
                {
                    "name": "models/veo/operations/abc",
                    "done": True,
                    "response": {"generateVideoResponse": {"generatedSamples": [{"video": {"uri": URL}}]}},
                }
            ),
        ),
    ),
    Case(
        "task",
        "two ids",
        create=answers({"id": "3ff9", "task_id": "task_wV7", "status": "queued"}),
        by_task={"3ff9": Reply({"error": {"message": "not found"}}, status=404), "task_wV7": FINISHED},
        content=CLIP,
    ),
    link("videos[0].url", videos=[{"url": URL}]),
    link("video_urls", video_urls=[URL]),
    link("output as text", output=URL),
    link("result.video_url", result={"video_url": URL}),
    link("list as JSON text", video_url=f'["{URL}"]'),
    link("content[0].video_url.url", content=[{"type": "video_url", "video_url": {"url": URL}}]),
    link("unsigned_urls", unsigned_urls=[URL]),
    link("download_url", download_url=URL),
    link("urls", urls=[URL]),
    Case(
        "link",
        "the watermarked copy only",
        (
            answers(
                {
                    "code": 0,
                    "data": {
                        "task_id": "t1",
                        "task_status": "succeed",
                        "task_result": {"videos": [{"id": "1", "watermark_url": URL}]},
                    },
                }
            ),
        ),
        says=("watermark",),
    ),
    Case(
        "link",
        "task inside task",
        (
            answers(
                {"task": {"id": "t1", "status": "Success", "content": {"url": URL}}, "base_resp": {"status_code": 0}}
            ),
        ),
    ),
    word("Processed", "Processed", video_url=URL),
    word("ready", "ready", video_url=URL),
    word("MEDIA_GENERATION_STATUS_SUCCESSFUL", "MEDIA_GENERATION_STATUS_SUCCESSFUL", video_url=URL),
    word("成功", "成功", video_url=URL),
    word("an object", {"code": "completed"}, video_url=URL),
    Case("status", "none, full percent, a link", (answers({"id": "t1", "progress": 100, "video": {"url": URL}}),)),
    word(
        "timeout with a reason",
        "timeout",
        "failed",
        "The upstream took longer than 900 s.",
        error={"message": "The upstream took longer than 900 s."},
    ),
    word(
        "content_filtered with a reason",
        "content_filtered",
        "failed",
        "Blocked by the safety system.",
        error={"code": "content_policy", "message": "Blocked by the safety system."},
    ),
    word(
        "moderated with a reason",
        "moderated",
        "failed",
        "The output was blocked.",
        error={"code": "moderation", "message": "The output was blocked."},
    ),
    Case(
        "poll",
        "nothing but an error, again and again",
        (answers({"error": {"message": "The upstream rejected the picture.", "code": "InvalidImage"}}),),
        content=CLIP,
        ends="failed",
        says=("The upstream rejected the picture.",),
    ),
    Case(
        "filtered",
        "done with a filled error",
        (
            answers(
                {
                    "id": "t1",
                    "status": "completed",
                    "error": {"code": "output_moderated", "message": "The output was blocked."},
                }
            ),
        ),
        content=Reply({"error": {"message": "gone"}}, status=404),
        ends="failed",
        says=("The output was blocked.",),
        never=MADE,
    ),
    Case(
        "filtered",
        "done, filtered by count",
        (
            answers(
                {
                    "id": "t1",
                    "status": "completed",
                    "metadata": {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": ["Blocked by policy."]},
                }
            ),
        ),
        content=Reply({"error": {"message": "Failed to fetch video content"}}, status=502),
        ends="failed",
        says=("Blocked by policy.",),
        never=MADE,
    ),
    reason("failure_reason", failure_reason=HERE),
    reason("error_message", error_message=HERE),
    reason("errors[0].message", errors=[{"message": HERE}]),
    reason("error.detail", error={"detail": HERE}),
    reason("last_error.message", last_error={"code": "x", "message": HERE}),
    reason("metadata.error", metadata={"error": HERE}),
    reason("detail[0].msg", {"detail": [{"loc": ["body", "prompt"], "msg": HERE}]}),
    reason("JSON text in error", error=f'{{"error":{{"code":"InvalidParameter","message":"{HERE}"}}}}'),
    Case(
        "poll",
        "a failed task as HTTP 500",
        (
            Reply(
                {"id": "t1", "status": "failed", "error": {"code": "oom", "message": "CUDA out of memory"}}, status=500
            ),
        ),
        content=CLIP,
        ends="failed",
        says=("CUDA out of memory",),
    ),
    unsure(
        "5xx of a proxy that repeats",
        Reply({"error": {"message": "Connection error.", "type": "None", "param": "None", "code": "500"}}, status=500),
        "Connection error.",
        "may make, and charge, a second clip",
    ),
    refusal(
        "errors and no id",
        400,
        {"errors": [{"message": "seconds must be one of 4, 8, 12"}]},
        "seconds must be one of 4, 8, 12",
        never=("not charged",),
    ),
    refusal(
        "422 of a FastAPI server",
        422,
        {"detail": [{"loc": ["body", "seconds"], "msg": "Input should be '4', '8' or '12'", "type": "literal_error"}]},
        "Input should be '4', '8' or '12'",
        "seconds:",
    ),
    refusal(
        "404, model not served",
        404,
        {"detail": "Model sora-2 is not served here"},
        "Model sora-2 is not served here",
        never=("base URL",),
    ),
    refusal(
        "an error inside the message",
        451,
        {
            "code": "fail_to_fetch_task",
            "message": '{"error":{"code":"InvalidParameter","message":"role must be specified for image contents"}}',
            "data": None,
        },
        "role must be specified for image contents",
        never=("{",),
    ),
    Case("clip inside", "the create answers with a link", create=answers({"created": 1, "data": [{"url": URL}]})),
    Case("clip inside", "the create answers with the bytes", create=CLIP),
    Case(
        "clip inside",
        "a data URL",
        (answers({"id": "t1", "status": "completed", "video_url": "data:video/mp4;base64,{CLIP}"}),),
        content=Reply({"error": {"message": "Failed to fetch video content"}}, status=500),
    ),
    Case("clip inside", "base64 in the content's JSON", content=answers({"encodedVideo": "{CLIP}"})),
    Case(
        "provisional",
        "the link one look later",
        (answers({"id": "t1", "status": "completed"}), LINKED),
        content=Reply({"error": {"message": "Video is not ready yet"}}, status=404),
    ),
    Case(
        "provisional",
        "an expired link, XML",
        (LINKED,),
        files=Reply(
            text="<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
            status=403,
            type="application/xml",
        ),
        ends="failed",
        says=("The link to the clip has expired.", "Request has expired"),
        never=("web page",),
    ),
    Case(
        "text",
        "a lone surrogate in an error",
        (Reply(text='{"id":"t1","status":"failed","error":{"message":"bad \\ud83d end"}}', type="application/json"),),
        ends="failed",
        says=("bad", "end"),
    ),
    Case(
        "percent",
        "a fraction",
        (answers({"id": "t1", "status": "in_progress", "progress": 0.62}), LINKED),
        percent=62,
    ),
)
