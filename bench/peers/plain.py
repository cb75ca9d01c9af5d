"""The job as Streamlit's documentation would write it: press, wait in the script, show the bytes."""

import os
import time

import httpx
import streamlit as st

GATEWAY = os.environ["GATEWAY"]

st.title("Video")
prompt = st.text_area("Prompt")
if st.button("Generate"):
    with st.status("Generating", expanded=True) as status:
        task = httpx.post(f"{GATEWAY}/v1/videos", json={"model": "any", "prompt": prompt}, timeout=60).json()
        st.write(f"Task {task['id']}")
        while httpx.get(f"{GATEWAY}/v1/videos/{task['id']}").json()["status"] != "completed":
            time.sleep(1)
        status.update(label="Done", state="complete")
    st.video(httpx.get(f"{GATEWAY}/v1/videos/{task['id']}/content").content)
