# The service for those who run Docker; docker-compose.yml gives it its PostGIS.

FROM node:22-bookworm-slim AS wall
WORKDIR /build/api/wall
COPY api/wall/package.json api/wall/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY api/wall/ ./
RUN npm run build

FROM python:3.13-slim-bookworm AS dependencies
WORKDIR /opt/onemap
COPY set-up.lock ./
RUN awk '/^[^ ]/ { inside = index($0, "uv==") == 1 } inside' set-up.lock > /tmp/uv.lock \
    && pip install --no-cache-dir --require-hashes --only-binary :all: -r /tmp/uv.lock \
    && python -m venv .venv
COPY pyproject.toml requirements.lock README.md LICENSE ./
# Of the lock only what serving needs: pyproject.toml tells the names, the lock their versions and hashes.
RUN uv pip compile --quiet --no-header --no-annotate --constraints requirements.lock \
        --python .venv/bin/python pyproject.toml -o /tmp/names \
    && awk 'NR == FNR { sub(/==.*/, ""); serving[$0]; next } \
            /^[^ ]/ { name = $1; sub(/==.*/, "", name); inside = name in serving } inside' \
        /tmp/names requirements.lock > /tmp/serving.lock \
    && uv pip install --no-cache --python .venv/bin/python --require-hashes -r /tmp/serving.lock
COPY layers/ layers/
COPY geo/ geo/
COPY api/ api/
RUN uv pip install --no-cache --python .venv/bin/python --no-deps --build-constraints set-up.lock -e .

FROM python:3.13-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /opt/onemap onemap
COPY --from=dependencies /opt/onemap /opt/onemap
COPY --from=wall /build/api/wall/dist /opt/onemap/api/wall/dist
RUN install -d -o onemap -g onemap /var/lib/onemap
WORKDIR /opt/onemap
ENV PATH=/opt/onemap/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    ONEMAP_STATE_DIRECTORY=/var/lib/onemap
USER onemap
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=6 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]
CMD ["onemap", "serve", "--host", "0.0.0.0", "--port", "8000"]
