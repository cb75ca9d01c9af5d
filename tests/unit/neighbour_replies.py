"""Neighbours of the replies that were seen: other inputs of the same kinds, each with the end it must have."""

from __future__ import annotations

import json

from tests.unit.seen_replies import (
    CLIP,
    FINISHED,
    HERE,
    LINKED,
    MADE,
    NO_ROUTE,
    URL,
    Case,
    Reply,
    answers,
    link,
    reason,
    refusal,
    unsure,
    word,
)

OTHER = "{B}/g/a.mp4"
"""A link that always works; those below `/x/` never do."""
DEAD = "{B}/x/a.mp4"
FREE = "not charged"


def task(name: str, created: object, task_id: str = "t1", **more: object) -> Case:
    """A create whose answer names its task in another way."""
    return Case("task", name, create=answers(created), by_task={task_id: LINKED}, polls=(NO_ROUTE,), **more)


def addressed(name: str, header: str, address: str) -> Case:
    """A create without a body, whose task only the address in a header names."""
    create = Reply(text="", status=202, headers={header: address})
    return Case("task", name, create=create, by_task={"t1": LINKED}, polls=(NO_ROUTE,))


def inside(name: str, **replies: Reply) -> Case:
    return Case("clip inside", name, **replies)


def poll(name: str, *polls: Reply, ends: str = "done", says: tuple[str, ...] = (), content: Reply = NO_ROUTE) -> Case:
    return Case("poll", name, polls, ends=ends, says=says, content=content)


def label(name: str, kind: str) -> Case:
    """The right bytes under another label, at the link and at the content route."""
    return Case("label", name, (FINISHED,), content=Reply(clip=True, type=kind))


def percent(name: str, wanted: int | None, **body: object) -> Case:
    return Case("percent", name, (answers({"id": "t1", "status": "running", **body}), LINKED), percent=wanted)


def text(name: str, data: bytes, kind: str = "application/json", *, ends: str = "failed", says: str = "") -> Case:
    return Case("text", name, (Reply(data=data, type=kind),), ends=ends, says=(says,) if says else ())


def around(name: str, text: str, kind: str = "application/json", *, create: bool = False) -> Case:
    """JSON with something around it, in the answer to a look or to the create."""
    reply = Reply(text=text, type=kind)
    if create:
        return Case("around", name, create=reply, by_task={"t1": LINKED}, polls=(NO_ROUTE,))
    return Case("around", name, (reply,))


FAILED = {"id": "t1", "status": "failed"}
DONE = {"id": "t1", "status": "completed"}
ANSWER = json.dumps({**DONE, "video_url": URL})

NEIGHBOURS = (
    # --- ids -----------------------------------------------------------------------------------------------------
    task("taskId", {"taskId": "t1"}),
    task("a text as data", {"code": "success", "message": "", "data": "task-123"}, "task-123"),
    task(
        "an odd code that speaks of success",
        {"code": 1, "description": "Submit success", "result": "1320098173412546"},
        "1320098173412546",
    ),
    task("job.id", {"job": {"id": "t1", "state": "QUEUED"}}),
    task(
        "output.task_id beside request_id", {"request_id": "r-1", "output": {"task_id": "t1", "task_status": "PENDING"}}
    ),
    task("data.job_id", {"success": True, "data": {"job_id": "t1"}}),
    task("a list of ids", ["t1"]),
    task("an id alone", "t1"),
    task("a number", {"id": 815}, "815"),
    task("uuid", {"uuid": "0b6c-41"}, "0b6c-41"),
    task("generation_id", {"status": "ok", "generation_id": "t1"}),
    task("a list inside data", {"data": [{"id": "t1", "status": "queued"}]}),
    addressed("an address and no body", "location", "{B}/v1/videos/t1?wait=1"),
    task("a name that is no operation is no id", {"name": "My clip", "prediction_id": "t1"}),
    Case(
        "task",
        "the third id answers",
        create=answers({"id": "a", "task_id": "b", "video_id": "c"}),
        by_task={"a": NO_ROUTE, "b": NO_ROUTE, "c": LINKED},
    ),
    Case(
        "task",
        "the right one of a list",
        (answers({"data": [{"id": "t0", "status": "failed"}, {"id": "t1", "status": "completed", "video_url": URL}]}),),
    ),
    task("a key that ends as one of an id does", {"prompt_id": "t1", "number": 3}),
    task("an id of its own before the request's", {"request_id": "r-1", "creation_id": "t1"}),
    task("the id of a trace is none", {"trace_id": "x-1", "ticket": "t1"}),
    task("signs that an address must not hold", {"id": "任务-1"}, "任务-1"),
    addressed("the address of an operation", "operation-location", "{B}/v1/videos/t1?api-version=1"),
    # --- around the JSON -----------------------------------------------------------------------------------------
    around("a stream", f"event: done\ndata: {ANSWER}\n\n", "text/event-stream"),
    around("a stream of a create", 'data: {"id": "t1", "status": "queued"}\n\ndata: [DONE]\n', create=True),
    around("a guard before it", f")]}}'\n{ANSWER}"),
    around("a call around it", f"/**/done({ANSWER});", "application/javascript"),
    around("a comma too many", f"{ANSWER[:-1]},}}"),
    around("two objects", f"{json.dumps({'id': 't1', 'status': 'running'})}{ANSWER}"),
    around("a warning before it", f"Warning: slow upstream\n{ANSWER}"),
    around("a notice before it", f"<br />\n<b>Notice</b>: x\n{ANSWER}", "text/html"),
    around("a notice before a create", '<b>Notice</b>: x in y<br />\n{"id": "t1"}', "text/html", create=True),
    around("a comment behind it", f"{ANSWER}\n<!-- 0.3 s -->"),
    # --- links ---------------------------------------------------------------------------------------------------
    link("assets.video after assets.image", assets={"image": "{B}/x/a.jpg", "thumbnail": DEAD, "video": URL}),
    link("outputs by type", outputs=[{"type": "image", "url": DEAD}, {"type": "video", "url": URL}]),
    link("generatedVideos[0].video.uri", response={"generatedVideos": [{"video": {"uri": URL}}]}),
    link("a video file under an odd key", artefact=URL),
    link("a link in a chat message", choices=[{"message": {"content": f"Done: [your clip]({URL})."}}]),
    link("output beside urls.get", output=URL, urls={"get": DEAD, "cancel": DEAD}),
    link("result as a list", result=[URL]),
    link("data.videos as texts", data={"videos": [URL]}),
    link("a relative path", video={"path": "/f/a.mp4"}),
    link("space around it", video_url=f"  {URL}\n"),
    link("quoted", video_url=f'"{URL}"'),
    link("in angle brackets", video_url=f"<{URL}>"),
    link("in a page", content=f'<video controls src="{URL}"></video>'),
    link("escaped for a page", video_url=f"{URL}?a=1&amp;sig=2"),
    link("mp4_url", mp4_url=URL),
    link("the copy without a watermark", result={"watermark_url": DEAD, "no_watermark_url": URL}),
    link("JSON text in JSON text", data=json.dumps(json.dumps({"video_url": URL}))),
    link("the clean copy after the other", works=[{"video": {"resource": DEAD, "resource_without_watermark": URL}}]),
    link("a preview as the last resort", preview_url=URL),
    link("a link that is none, and one that is", video_url="N/A", download={"link": URL}),
    Case("link", "a cover is no clip", (answers({**DONE, "cover_url": URL}),), ends="failed"),
    Case("link", "a thumbnail of a video is no clip", (answers({**DONE, "video": {"thumbnail": URL}}),), ends="failed"),
    Case("link", "an echo of the input is no clip", (answers({**DONE, "input": {"video_url": URL}}),), ends="failed"),
    Case("link", "a reference is no clip", (answers({**DONE, "reference_video_url": URL}),), ends="failed"),
    # --- status --------------------------------------------------------------------------------------------------
    Case("status", "TASK_STATUS_SUCCEED", (answers({"id": "t1", "status": "TASK_STATUS_SUCCEED"}),), content=CLIP),
    Case("status", "an unknown word, the content route works", (answers({**DONE, "status": "fertig"}),), content=CLIP),
    Case(
        "status",
        "an unknown word for ever",
        (answers({"id": "t1", "status": "reticulating"}),),
        ends="unattended",
        says=('it says "reticulating"',),
    ),
    Case(
        "status",
        "an answer that says nothing",
        (answers({"ping": "pong"}),),
        ends="unattended",
        says=("does not say how the task is",),
    ),
    word("a number, with a link", 2, video_url=URL),
    word("an unknown word whose link works later", "rendered", video_url=DEAD, video={"url": DEAD}, ends="unattended"),
    word("null, with a link", None, video_url=URL),
    word("已完成", "已完成", video_url=URL),
    word("an object with a name", {"name": "SUCCEEDED"}, video_url=URL),
    Case("status", "a percentage", (answers({"id": "t1", "status": "45%"}), LINKED), percent=45),
    word("a timeout with a message", "TIMEOUT", "failed", HERE, message=HERE),
    word("blocked and no reason", "moderation_blocked", "failed", 'says "moderation_blocked" and gives no reason'),
    word("a clip that was flagged", "completed", "failed", "has_nsfw_concepts", has_nsfw_concepts=[True], video=None),
    word("rejected with a reason", "rejected", "failed", HERE, reason=HERE),
    *(
        word(f"{said} with a message", said, "failed", HERE, message=HERE)
        for said in (
            "Failed!",
            "Task failed",
            "task.failed",
            "errored",
            "fatal",
            "生成失败",
            "rejected_by_moderation",
            "declined",
            "unsuccessful",
        )
    ),
    *(
        word(f"{said} with a message", said, "failed", HERE, message=HERE)
        for said in ("Canceled by system", "quota_exceeded", "banned", "invalid")
    ),
    *(
        word(f"{said} with a message", said, "failed", HERE, message=HERE)
        for said in (
            "失敗",
            "失败了",
            "审核不通过",
            "已拒绝",
            "超时",
            "실패",
            "エラー",
            "ошибка",
            "dead",
            "failed: internal",
        )
    ),
    *(word(said, said, "failed", said) for said in ("FAILED_PERMANENTLY", "render_error", "Internal error")),
    *(word(said, said, "cancelled") for said in ("已取消", "キャンセル", "CANCELLED_BY_USER")),
    word("已过期", "已过期", "expired"),
    Case("status", "no error", (answers({"id": "t1", "status": "no_error"}), LINKED)),
    Case("status", "another try is no end", (answers({"id": "t1", "status": "error_retrying", "reason": "x"}), LINKED)),
    *(
        Case(
            "status",
            f"{said} beside an error",
            (answers({"id": "t1", "status": said, "error": {"message": HERE}}), LINKED),
        )
        for said in (
            "Retrying (2/3)",
            "throttled",
            "requeued",
            "on_hold",
            "审核中",
            "unfinished",
            "in_moderation",
        )
    ),
    *(word(said, said, video_url=URL) for said in ("SUCCESS ", "Completed!", "task.completed", "生成成功")),
    word("an unknown word with an error text", "halted", "failed", HERE, error=HERE),
    Case(
        "status",
        "an envelope's success",
        (
            answers({"status": "success", "data": {"id": "t1", "status": "processing"}}),
            answers({"status": "success", "data": {"id": "t1", "status": "completed", "video_url": URL}}),
        ),
    ),
    Case(
        "status",
        "an operation that is not done, then done",
        (
            answers({"name": "operations/1", "done": False}),
            answers({"done": True, "response": {"video": {"uri": URL}}}),
        ),
    ),
    Case(
        "status",
        "an operation that is done with an error",
        (answers({"name": "operations/1", "done": True, "error": {"code": 3, "message": HERE}}),),
        ends="failed",
        says=(HERE,),
    ),
    Case(
        "status",
        "an unknown word, then a link",
        (answers({"id": "t1", "status": "Rendered", "video_url": DEAD}), LINKED),
    ),
    # --- reasons -------------------------------------------------------------------------------------------------
    reason("message", message=HERE),
    reason("desc", desc=HERE),
    reason("message beside a code", code="X1", message=HERE),
    reason("base_resp.status_msg", base_resp={"status_code": 1026, "status_msg": HERE}),
    reason("a list of texts", error=[HERE]),
    reason("a bare code and a message", error="TaskFailed", message=HERE),
    reason("a generic error and a reason", error={"message": "Task failed"}, reason=HERE),
    reason("JSON at the end of a text", error=f'upstream error: {{"error": {{"message": "{HERE}"}}}}'),
    reason("JSON text twice", error=json.dumps(json.dumps({"error": {"message": HERE}}))),
    reason("output.message", output={"task_status": "FAILED", "code": "Bad", "message": HERE}),
    reason("error by language", error={"de": HERE}),
    reason("exception", exception={"detail": HERE}),
    reason("data.error_msg", data={"error_msg": HERE}),
    reason("status_message", status_message=HERE),
    reason("errorDetails", errorDetails=[{"reason": HERE}]),
    reason("error.innererror", error={"innererror": {"description": HERE}}),
    reason("fail_msg", fail_msg=HERE),
    reason("failedReason", failedReason=HERE),
    reason("block_reason", block_reason=HERE),
    reason("a message that succeeded and a reason", message="success", msg="ok", failure={"cause": HERE}),
    reason(
        "detail with a field",
        {"detail": [{"loc": ["body", "images", 0], "msg": "is too dark"}]},
        "images.0: is too dark",
    ),
    reason(
        "a web page", fail_reason="<html><head><title>502 Bad Gateway</title></head></html>", says="502 Bad Gateway"
    ),
    reason("JSON in the middle of a text", error={"message": f'X: {{"error": {{"message": "{HERE}"}}}}. Group a'}),
    Case("reason", "a number", (answers({**FAILED, "fail_reason": 2038}),), ends="failed", says=("the code 2038",)),
    Case("reason", "none at all", (answers(FAILED),), ends="failed", says=("gives no reason", "Details")),
    Case("reason", "a code alone", (answers({**FAILED, "error_code": "E42"}),), ends="failed", says=("E42",)),
    Case(
        "reason",
        "of a cancelled task",
        (answers({**FAILED, "status": "cancelled", "message": HERE}),),
        ends="cancelled",
        says=(HERE,),
    ),
    # --- refusals ------------------------------------------------------------------------------------------------
    refusal("200 with errors", 200, {"errors": [{"message": HERE}]}, HERE, never=(FREE,)),
    refusal("200 with a failure and no task", 200, {"status": "fail", "data": {"prompt": "x"}}, "gives no reason"),
    refusal("200 with a detail", 200, {"detail": HERE}, HERE),
    refusal("200 without success", 200, {"success": False, "msg": HERE}, HERE),
    refusal("200 with base_resp", 200, {"base_resp": {"status_code": 1004, "status_msg": HERE}, "task_id": ""}, HERE),
    refusal("200 with an error object", 200, {"object": "error", "message": HERE, "code": 40303}, HERE),
    refusal(
        "200 with a request id and a code", 200, {"code": "InvalidKey", "message": HERE, "request_id": "r-1"}, HERE
    ),
    refusal(
        "problem+json",
        400,
        {"title": "Bad Request", "status": 400, "detail": HERE},
        HERE,
        type="application/problem+json",
    ),
    refusal("a plain text", 400, HERE, HERE, type="text/plain"),
    refusal(
        "a list of messages",
        400,
        {"statusCode": 400, "message": ["a is missing", "b is too long"]},
        "a is missing.",
        "b is too long.",
    ),
    refusal("lists by field", 400, {"prompt": [HERE]}, f"prompt: {HERE}"),
    refusal("errors by field", 400, {"errors": {"size": [HERE]}}, f"size: {HERE}"),
    refusal("an error in an error", 400, {"error": {"error": {"message": HERE}}}, HERE),
    refusal(
        "422 with a place in a list",
        422,
        {"detail": [{"loc": ["body", "images", 0, "url"], "msg": HERE}]},
        f"images.0.url: {HERE}",
    ),
    refusal(
        "403 of the content rules",
        403,
        {"error": {"message": "Blocked by our content policy", "code": "content_policy_violation"}},
        "Blocked by our content policy.",
        "Change the prompt",
    ),
    refusal(
        "413, a page of a proxy", 413, "<html><h1>413</h1></html>", "413", "a web page", never=(FREE,), type="text/html"
    ),
    refusal("404, the path is unknown", 404, {"detail": "Not Found"}, "base URL"),
    refusal("401", 401, {"error": {"message": "Invalid token"}}, "Invalid token.", "Check the key", FREE),
    refusal("a documented code", 400, {"code": "invalid_request", "message": HERE, "data": None}, HERE, FREE),
    refusal(
        "503 model_not_found", 503, {"error": {"code": "model_not_found", "message": HERE}}, HERE, FREE, "another model"
    ),
    refusal("500 get_channel_failed", 500, {"code": "get_channel_failed", "message": HERE}, HERE, FREE),
    Case(
        "refusal",
        "a redirect",
        create=Reply({}, status=308, headers={"location": "{B}/v2"}),
        ends="failed",
        says=("redirects", "base URL"),
        never=(FREE,),
    ),
    # --- unsure --------------------------------------------------------------------------------------------------
    unsure("502, a page", Reply(text="<html>bad gateway</html>", status=502, type="text/html")),
    unsure("504 in JSON", Reply({"error": {"message": "upstream timed out"}}, status=504), "Upstream timed out"),
    unsure("500, empty", Reply(text="", status=500)),
    unsure("524", Reply(text="", status=524)),
    unsure("408", Reply({"error": {"message": "slow"}}, status=408), "Slow"),
    unsure("200, a page", Reply(text="<!doctype html>", type="text/html")),
    unsure("200, empty", Reply(text="")),
    unsure("200, a word", Reply(text="OK", type="text/plain")),
    unsure("204", Reply(text="", status=204)),
    unsure(
        "200 with a message and no id",
        answers({"message": "Your request is being handled"}),
        "Your request is being handled.",
    ),
    unsure("500 do_request_failed", Reply({"code": "do_request_failed", "message": HERE}, status=500), HERE),
    unsure("501 not_implemented", Reply({"error": {"code": "not_implemented", "message": HERE}}, status=501), HERE),
    unsure("503 without a code", Reply({"detail": "Service restarting"}, status=503), "Service restarting."),
    unsure("303", Reply(text="", status=303, headers={"location": "{B}/v1/videos/t1"})),
    Case(
        "unsure", "500 with a task in it", create=Reply({"id": "t1", "status": "queued"}, status=500), polls=(LINKED,)
    ),
    Case(
        "unsure",
        "504 with a failed task in it",
        create=Reply({**FAILED, "error": {"message": HERE}}, status=504),
        ends="failed",
        says=(HERE,),
    ),
    # --- look-ups ------------------------------------------------------------------------------------------------
    poll(
        "a refusal of the content",
        Reply({"error": {"message": "Content policy violation"}}, status=400),
        ends="failed",
        says=("Content policy violation.",),
    ),
    poll("the same refusal again and again", Reply({"detail": HERE}, status=422), ends="failed", says=(HERE,)),
    poll("two refusals, then the clip", *[Reply({"detail": HERE}, status=422)] * 2, LINKED),
    poll("a running task with another status", Reply({"id": "t1", "status": "processing"}, status=425), LINKED),
    poll("a finished task as a 404", Reply({**DONE, "video_url": URL}, status=404)),
    poll("a failed task as a 400", Reply({**FAILED, "message": HERE}, status=400), ends="failed", says=(HERE,)),
    poll("a fault of the server, then the clip", Reply(text="<html>", status=502), Reply(text="", status=500), LINKED),
    poll("a refused key, then the clip", Reply({"error": {"message": "bad key"}}, status=401), LINKED),
    poll("denied at first, then the clip", *[NO_ROUTE] * 3, LINKED),
    poll("another task's failure as a 500", *[Reply({"id": "zz", "status": "failed"}, status=500)] * 2, LINKED),
    poll("the video itself", CLIP),
    poll("a list of one", answers([{**DONE, "video_url": URL}])),
    poll("an id and an error, no word", answers({"id": "t1", "error": {"message": HERE}}), ends="failed", says=(HERE,)),
    # --- filtered ------------------------------------------------------------------------------------------------
    Case(
        "filtered",
        "an operation",
        (
            answers(
                {"done": True, "response": {"raiMediaFilteredCount": 2, "raiMediaFilteredReasons": ["Blocked: face."]}}
            ),
        ),
        ends="failed",
        says=("Blocked: face.",),
        never=MADE,
    ),
    Case(
        "filtered",
        "a count alone",
        (answers({**DONE, "raiMediaFilteredCount": 1}),),
        ends="failed",
        says=("raiMediaFilteredCount",),
        never=MADE,
    ),
    Case(
        "filtered",
        "finish_reason",
        (answers({**DONE, "finish_reason": "content_filter"}),),
        ends="failed",
        says=("content_filter",),
        never=MADE,
    ),
    Case(
        "filtered",
        "an error beside a link that works",
        (answers({**DONE, "video_url": URL, "error": {"message": "Upscaling failed"}}),),
    ),
    Case(
        "filtered",
        "an error, and the content route works",
        (answers({**DONE, "error": {"message": "hm"}}),),
        content=CLIP,
    ),
    Case(
        "filtered",
        "finish_reason stop is none",
        (answers({**DONE, "finish_reason": "stop"}),),
        ends="failed",
        says=("could not be fetched",),
    ),
    # --- clips inside an answer ----------------------------------------------------------------------------------
    inside("b64_json in the create", create=answers({"created": 1, "data": [{"b64_json": "{CLIP}"}]})),
    inside("a data URL in the create", create=answers({**DONE, "video": {"url": "data:video/mp4;base64,{CLIP}"}})),
    inside("bytes in the create, labelled JSON", create=Reply(clip=True, type="application/json")),
    inside(
        "bytesBase64Encoded",
        polls=(answers({"done": True, "response": {"videos": [{"bytesBase64Encoded": "{CLIP}"}]}}),),
    ),
    inside("an unknown word", polls=(answers({"id": "t1", "status": "Fertig", "video": "{CLIP}"}),)),
    inside(
        "a data URL as the content",
        content=Reply(text="data:application/octet-stream;base64,{CLIP}", type="text/plain"),
    ),
    inside("a link as the content", content=Reply(text=OTHER, type="text/plain")),
    inside("a JSON text as the content", content=answers(OTHER)),
    inside("a link behind a link", polls=(LINKED,), files=answers({"signed_url": OTHER})),
    inside("JSON with the link for the content", content=answers({"result": {"downloadUrl": OTHER}})),
    Case("clip inside", "a link that leads to itself", (LINKED,), files=answers({"url": URL}), ends="failed"),
    # --- labels --------------------------------------------------------------------------------------------------
    label("application/json", "application/json"),
    label("text/html", "text/html; charset=utf-8"),
    label("octet-stream", "application/octet-stream"),
    label("image/jpeg", "image/jpeg"),
    Case("label", "at the link", (LINKED,), files=Reply(clip=True, type="text/html")),
    Case(
        "label",
        "a picture is no clip",
        (LINKED,),
        files=Reply(data=b"\x89PNG\r\n\x1a\n\x00\x00", type="video/mp4"),
        ends="failed",
    ),
    Case(
        "label",
        "a playlist is no clip",
        (LINKED,),
        files=Reply(text="#EXTM3U\n#EXT-X-VERSION:3", type="video/mp4"),
        ends="failed",
        says=("An HLS playlist came instead of the clip.",),
    ),
    Case(
        "label",
        "a page is no clip",
        (LINKED,),
        files=Reply(text="<html>sign in</html>", type="video/mp4"),
        ends="failed",
        says=("A web page came instead of the clip.",),
    ),
    Case(
        "label",
        "a part is no clip",
        (LINKED,),
        files=Reply(clip=True, status=206, headers={"content-range": "bytes 0-99/9999"}),
        ends="failed",
        says=("Only a part of the file came.",),
    ),
    # --- finished is provisional ---------------------------------------------------------------------------------
    Case(
        "provisional",
        "a dead link, then a new one",
        (answers({**DONE, "video_url": DEAD}), answers({**DONE, "video_url": OTHER})),
    ),
    Case(
        "provisional",
        "finished, then not, then finished",
        (FINISHED, answers({"id": "t1", "status": "processing"}), LINKED),
    ),
    Case(
        "provisional",
        "finished, then failed",
        (FINISHED, answers({**FAILED, "error": {"message": HERE}})),
        ends="failed",
        says=(HERE,),
    ),
    Case(
        "provisional",
        "a link that is gone",
        (LINKED,),
        files=Reply(text="", status=410),
        ends="failed",
        says=("The link to the clip has expired.", "Press Fetch again"),
    ),
    Case(
        "provisional",
        "a key that is gone",
        (LINKED,),
        files=Reply(
            text="<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>",
            status=404,
            type="application/xml",
        ),
        ends="failed",
        says=("The specified key does not exist.",),
        never=("web page", "base URL"),
    ),
    Case(
        "provisional",
        "a token that has expired",
        (LINKED,),
        files=Reply({"error": "InvalidJWT", "message": "token expired at noon"}, status=400),
        ends="failed",
        says=("The link to the clip has expired.", "token expired at noon"),
    ),
    Case(
        "provisional",
        "a link that wants a sign-in",
        (LINKED,),
        files=Reply(text="<html>", status=403, type="text/html"),
        ends="failed",
        says=("The link to the clip does not work.",),
        never=("key in Settings",),
    ),
    Case(
        "provisional", "nothing to fetch at all", (FINISHED,), ends="failed", says=("could not be fetched",), never=MADE
    ),
    # --- texts ---------------------------------------------------------------------------------------------------
    text("a byte order mark", b"\xef\xbb\xbf" + json.dumps({**FAILED, "error": HERE}).encode(), says=HERE),
    text("UTF-16", json.dumps({**FAILED, "error": HERE}).encode("utf-16"), says=HERE),
    text(
        "GBK by its label",
        json.dumps({**FAILED, "error": "内容违规"}, ensure_ascii=False).encode("gbk"),
        "application/json; charset=gbk",
        says="内容违规",
    ),
    text(
        "NaN",
        b'{"id": "t1", "status": "failed", "progress": NaN, "cost": Infinity, "error": "' + HERE.encode() + b'"}',
        says=HERE,
    ),
    text("NUL and an escape", b'{"id": "t1", "status": "failed", "error": "bad \\u0000\\u001b[31m end"}', says="bad"),
    text(
        "a lone surrogate in a key",
        b'{"id": "t1", "status": "failed", "\\ud83d": 1, "error": "' + HERE.encode() + b'"}',
        says=HERE,
    ),
    text("as Python prints it", str({**FAILED, "error": HERE, "data": None}).encode(), says=HERE),
    text("fenced", f"```json\n{json.dumps({**FAILED, 'error': HERE})}\n```".encode(), says=HERE),
    text("wrong bytes", b'{"id": "t1", "status": "failed", "error": "\xff\xfe ' + HERE.encode() + b'"}', says=HERE),
    text("a million brackets", b"[" * 1_000_000, ends="unattended"),
    text(
        "levels beyond any use",
        b'{"id": "t1", "status": "failed", "a": '
        + b'{"a": ' * 60
        + b"1"
        + b"}" * 60
        + b', "error": "'
        + HERE.encode()
        + b'"}',
        says=HERE,
    ),
    text(
        "a number that no one writes",
        b'{"id": "t1", "status": "failed", "cost": 1e999, "error": "' + HERE.encode() + b'"}',
        says=HERE,
    ),
    # --- percentages ---------------------------------------------------------------------------------------------
    percent("a text", 62, progress="62"),
    percent("a text with its sign", 62, progress="62%"),
    percent("a comma in it", 62, progress="62,4 %"),
    percent("in the status", 62, status="processing (62%)"),
    percent("a fraction as text", 62, progress="0.62"),
    percent("a fraction of counts", 62, progress="31/50"),
    percent("an object", 62, progress={"current": 31, "total": 50}),
    percent("percentage", 62, percentage=62.4),
    percent("progressPercent", 62, result={"progressPercent": 62}),
    percent("within a sentence", 62, progress="Rendering 62%"),
    percent("one per cent", 1, progress=1),
    percent("all as a fraction", 100, progress=1.0),
    percent("tokens are none", None, usage={"completion_tokens": 62}),
)
