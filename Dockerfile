ARG BASE=python:3.11-slim-bookworm
FROM ${BASE}

RUN apt-get update \
 && apt-get install -y --no-install-recommends libgomp1 libquadmath0 \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/program
COPY scripts/check_system.py scripts/
RUN python scripts/check_system.py

COPY requirements/runtime.txt requirements/
RUN pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes \
        -r requirements/runtime.txt \
 && python -W ignore -c "import mxnet, gluoncv"

COPY container container
COPY model model
COPY serve serve
COPY train train
RUN python -m compileall -q .

ENV PYTHONPATH=/opt/program PYTHONUNBUFFERED=1
EXPOSE 8080
LABEL com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true

# SageMaker replaces CMD with `serve`; exec form, so that SIGTERM reaches the server.
ENTRYPOINT ["python", "-m", "container"]
CMD ["serve"]
