# Dailies as an image: the app by default, `worker` or any other command in its place. See docs/deploy.md.
FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/dailies
COPY requirements-cluster.lock ./
RUN /opt/dailies/bin/pip install --no-cache-dir --require-hashes -r requirements-cluster.lock
COPY pyproject.toml README.md LICENSE app.py ./
COPY .streamlit/config.toml .streamlit/
COPY dailies dailies/
COPY components components/
COPY pages pages/
COPY catalog catalog/
COPY sandbox sandbox/
# The tests of the libraries are an eighth of the image.
RUN /opt/dailies/bin/pip install --no-cache-dir --no-deps . \
    && find /opt/dailies -type d -name tests -prune -exec rm -rf {} +

FROM python:3.11-slim
RUN useradd --uid 10001 --home-dir /data --create-home dailies
COPY --from=build /opt/dailies /opt/dailies
ENV PATH=/opt/dailies/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DAILIES_HOME=/data
USER dailies
WORKDIR /data
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/healthz', timeout=4)"]
ENTRYPOINT ["dailies"]
CMD ["run", "--host", "0.0.0.0", "--port", "8501"]
