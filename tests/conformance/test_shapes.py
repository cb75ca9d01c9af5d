"""Our client at every server that the sandbox can answer as: a text and a picture, in JSON and as a form.

Each row of `OUTCOMES` is one request. It ends in a measured clip, or in a refusal whose words are named.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dailies.vocabulary import Body, Mode, RunState
from sandbox.shapes import SHAPES
from tests.conformance.any_model import AnyModel
from tests.sandbox.conftest import serving

MODELS = dict.fromkeys(SHAPES, "sora-2") | {"vllm-omni": "served-model", "sglang": "served-model"}
JSON, FORM, TEXT, PICTURE = Body.JSON, Body.FORM, Mode.TEXT, Mode.FIRST_FRAME
CLIP = ""

OUTCOMES: list[tuple[str, Body, Mode, str]] = [
    ("new-api", JSON, TEXT, CLIP),
    ("new-api", JSON, PICTURE, CLIP),
    ("new-api", FORM, TEXT, CLIP),
    ("new-api", FORM, PICTURE, CLIP),
    ("litellm", JSON, TEXT, CLIP),
    ("litellm", FORM, TEXT, CLIP),
    # The proxy takes the object for an open file.
    ("litellm", JSON, PICTURE, "has no attribute 'read'"),
    ("litellm", FORM, PICTURE, CLIP),
    ("vllm-omni", JSON, TEXT, "Field required"),
    ("vllm-omni", FORM, TEXT, CLIP),
    ("vllm-omni", FORM, PICTURE, CLIP),
    ("sglang", JSON, TEXT, CLIP),
    ("sglang", FORM, TEXT, CLIP),
    # In JSON the picture must be a string.
    ("sglang", JSON, PICTURE, "should be a valid string"),
    ("sglang", FORM, PICTURE, CLIP),
    ("openai", JSON, TEXT, CLIP),
    ("openai", JSON, PICTURE, CLIP),
    ("openai", FORM, TEXT, CLIP),
    ("openai", FORM, PICTURE, CLIP),
]


@pytest.fixture(scope="module")
def shaped(
    request: pytest.FixtureRequest, files: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, AnyModel]]:
    """A client at a sandbox in the shape that the test names."""
    shape: str = request.param
    folder = tmp_path_factory.mktemp(shape)
    with (
        serving(folder / "sandbox", 0, frame_rate=2, shape=shape) as api,
        AnyModel(str(api.base_url).rstrip("/"), "sk-test", folder / "home", files) as client,
    ):
        yield shape, client


@pytest.mark.parametrize(
    ("shaped", "body", "mode", "refusal"),
    OUTCOMES,
    indirect=["shaped"],
    ids=[f"{shape}-{body}-{mode}" for shape, body, mode, _ in OUTCOMES],
)
def test_a_request_ends_as_the_server_would_end_it(
    shaped: tuple[str, AnyModel], body: Body, mode: Mode, refusal: str
) -> None:
    shape, client = shaped
    run = client.run(MODELS[shape], mode, body)
    if refusal:
        assert (run.state, run.clip) == (RunState.FAILED, None)
        assert run.failure is not None
        assert refusal in run.failure.what
        return
    assert run.state is RunState.DONE, run.failure
    assert run.clip is not None
    assert (run.clip.width, run.clip.height, round(run.clip.seconds)) == (1280, 720, 4)


def test_every_shape_is_tried() -> None:
    assert {shape for shape, *_ in OUTCOMES} == set(SHAPES)


@pytest.mark.parametrize("shaped", SHAPES, indirect=True)
def test_the_connection_test_lists_the_models_and_a_failed_generation_is_a_failed_run(
    shaped: tuple[str, AnyModel],
) -> None:
    shape, client = shaped
    checked = client.worker.client(client.gateway).check()
    assert (checked.ok, bool(checked.models)) == (True, True)
    run = client.run(MODELS[shape], TEXT, FORM, "A boat #fail")
    assert run.state is RunState.FAILED
    assert run.failure is not None
    assert "failed upstream" in run.failure.what
