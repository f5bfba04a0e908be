FROM python:3.13-slim

RUN apt-get update \
    && apt-get install --yes --no-install-recommends curl fonts-noto-core fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/* \
    && pip install --no-cache-dir uv \
    && useradd --create-home billing \
    && install --directory --owner billing /desk /data

USER billing
WORKDIR /desk
COPY --chown=billing pyproject.toml uv.lock ./
RUN uv sync --locked --no-dev --compile-bytecode --no-install-project
COPY --chown=billing . .
RUN uv sync --locked --no-dev && .venv/bin/assure build

VOLUME /data
EXPOSE 8000
CMD [".venv/bin/assure", "serve"]
