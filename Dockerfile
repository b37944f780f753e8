FROM python:3.11-slim AS build
COPY requirements-server.txt constraints.txt /build/
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --requirement /build/requirements-server.txt

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /app connectors
COPY --from=build /venv /venv
WORKDIR /app
COPY src/ src/
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LOG_JSON=true
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://localhost:8000/', timeout=2)"]
CMD ["python", "-m", "src.cli", "serve", "--host", "0.0.0.0"]
