ARG BASE=python:3.11-slim-bookworm
FROM ${BASE}

RUN apt-get update \
 && apt-get install -y --no-install-recommends libgomp1 libquadmath0 \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/program
COPY scripts/check_system.py scripts/
RUN python scripts/check_system.py

# cu112: mxnet for NVIDIA GPUs, with CUDA's libraries (docs/training.md); empty: for the CPU.
ARG MXNET=
COPY scripts/link_cuda.py scripts/
COPY requirements/cpu.txt requirements/cu112.txt requirements/
RUN case "${MXNET}" in \
        ''|cu112) ;; \
        *) echo "MXNET=${MXNET} is not known: cu112, or nothing for the CPU" >&2; exit 1 ;; \
    esac \
 && pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes \
        -r "requirements/${MXNET:-cpu}.txt" \
 && python scripts/link_cuda.py

COPY requirements/runtime.txt requirements/
RUN pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes \
        -r requirements/runtime.txt \
 && if [ -z "${MXNET}" ]; then python -W ignore -c "import mxnet, gluoncv"; fi

COPY container container
COPY model model
COPY serve serve
COPY train train
RUN python -m compileall -q .

ENV PYTHONPATH=/opt/program PYTHONUNBUFFERED=1
# Empty is as good as unset, for NVIDIA's container runtime and for mxnet. Fusion makes PTX of CUDA 11.7
# while training, and drivers of an older CUDA refuse that.
ENV NVIDIA_VISIBLE_DEVICES=${MXNET:+all} \
    NVIDIA_DRIVER_CAPABILITIES=${MXNET:+compute,utility} \
    MXNET_USE_FUSION=${MXNET:+0}
EXPOSE 8080
LABEL com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true

# SageMaker replaces CMD with `serve`; exec form, so that SIGTERM reaches the server.
ENTRYPOINT ["python", "-m", "container"]
CMD ["serve"]
