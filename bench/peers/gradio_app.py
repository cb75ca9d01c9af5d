"""The job as Gradio's documentation would write it: a generator that asks each second."""

import os
import tempfile
import time

import gradio as gr
import httpx

GATEWAY = os.environ["GATEWAY"]


def generate(prompt):
    task = httpx.post(f"{GATEWAY}/v1/videos", json={"model": "any", "prompt": prompt}, timeout=60).json()
    yield f"Task {task['id']}", None
    while httpx.get(f"{GATEWAY}/v1/videos/{task['id']}").json()["status"] != "completed":
        time.sleep(1)
    clip = httpx.get(f"{GATEWAY}/v1/videos/{task['id']}/content").content
    with tempfile.NamedTemporaryFile(suffix=".mp4", delete=False) as file:
        file.write(clip)
    yield "Done", file.name


with gr.Blocks(title="Video") as app:
    prompt = gr.Textbox(label="Prompt")
    button = gr.Button("Generate")
    status = gr.Textbox(label="Status")
    video = gr.Video(label="Clip")
    button.click(generate, prompt, [status, video])

app.queue().launch(server_name="127.0.0.1")
