# The images of the action. GitHub's runner builds this file as it stands: no build arguments, this folder as context,
# the last stage. `--target gate` is the same without the packages that a language model needs.
FROM python:3.12-slim-bookworm@sha256:34386ef0cb081344d7ec1c103ba398e6e9f64e9ab3a1509accc92a4e24a07258 AS base

# The official image has no bytecode of the standard library, and each run of the action is a first run.
RUN python3 -c "import compileall, sysconfig; compileall.compile_dir(sysconfig.get_path('stdlib'), quiet=2, workers=0)"


# Dependencies before the code, so that a change of code leaves their layers alone.
FROM base AS dependencies

ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PROJECT_ENVIRONMENT=/opt/venv \
    UV_PYTHON=/usr/local/bin/python3 \
    UV_PYTHON_DOWNLOADS=never \
    UV_SYSTEM_CERTS=1

WORKDIR /src

COPY pyproject.toml uv.lock ./
COPY .ci/bootstrap_uv.py .ci/
RUN python3 .ci/bootstrap_uv.py \
    && .uv/bin/uv sync --frozen --no-dev --no-install-project \
    && find /opt/venv -type d -name tests -prune -exec rm -r {} +


FROM dependencies AS crew-dependencies

RUN .uv/bin/uv sync --frozen --no-dev --extra crew --no-install-project \
    && find /opt/venv -type d -name tests -prune -exec rm -r {} + \
    && rm -r /opt/venv/lib/python3*/site-packages/litellm/proxy/_experimental/out \
        /opt/venv/lib/python3*/site-packages/chromadb_rust_bindings/*.so


FROM dependencies AS gate-build

COPY README.md LICENSE ./
COPY hparam_ci hparam_ci
COPY examples/sample_results.csv examples/
RUN .uv/bin/uv sync --frozen --no-dev --no-editable && /opt/venv/bin/python -I -m hparam_ci.report.compiled


FROM crew-dependencies AS crew-build

COPY README.md LICENSE ./
COPY hparam_ci hparam_ci
COPY examples/sample_results.csv examples/
RUN .uv/bin/uv sync --frozen --no-dev --extra crew --no-editable && /opt/venv/bin/python -I -m hparam_ci.report.compiled


FROM base AS action

LABEL org.opencontainers.image.title="hparam-inspector" \
      org.opencontainers.image.description="Finds the sick trials of a hyperparameter sweep, says why they are sick, and gates the merge." \
      org.opencontainers.image.licenses="MIT"

COPY entrypoint.py /opt/hparam-inspector/entrypoint.py

# No USER: the runner's output files belong to its own user, and only root may write to them from in here.
# No WORKDIR: the runner sets it to the workspace. -I: no file of the workspace and no PYTHON* variable of the job can
# put its modules before ours. -u: the log keeps the order in which it was written.
ENTRYPOINT ["/opt/venv/bin/python", "-I", "-u", "/opt/hparam-inspector/entrypoint.py"]


FROM action AS gate

COPY --from=gate-build /opt/venv /opt/venv


FROM action AS crew

COPY --from=crew-build /opt/venv /opt/venv
