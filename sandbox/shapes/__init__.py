"""The servers that the sandbox can answer as on `/v1/videos`, one module per server.

A shape is a server's ids, status words, fields, error bodies and accepted bodies. Its docstring names the source of its
facts. `shape.py` holds what they share, which is OpenAI's API.
"""

from sandbox.shapes.litellm import LiteLlm
from sandbox.shapes.new_api import NewApi
from sandbox.shapes.openai import OpenAi
from sandbox.shapes.sglang import SgLang
from sandbox.shapes.shape import Shape
from sandbox.shapes.vllm_omni import VllmOmni

SHAPES: dict[str, type[Shape]] = {shape.name: shape for shape in (NewApi, LiteLlm, VllmOmni, SgLang, OpenAi)}

__all__ = ["SHAPES", "Shape"]
