# CPU:  docker build -t segmentation-container .
# GPU:  docker build --build-arg ONNXRUNTIME=cu12 --build-arg MXNET=cu112 -t segmentation-container .
# x86-64 only: mxnet 1.9.1 has no wheels for anything else. docs/image.md has the sizes and the reasons.
ARG BASE_IMAGE=python:3.11-slim-bookworm

FROM ${BASE_IMAGE} AS packages
WORKDIR /build
# cu112: mxnet that trains on NVIDIA GPUs; cu12: onnxruntime that serves on them. Empty: the CPU.
ARG MXNET=
ARG ONNXRUNTIME=
COPY requirements/ requirements/
COPY scripts/install.sh scripts/
RUN sh scripts/install.sh /packages "${MXNET}" "${ONNXRUNTIME}"
COPY scripts/trim.py scripts/licences.py scripts/
RUN python scripts/trim.py /packages && python scripts/licences.py /packages

FROM ${BASE_IMAGE}
RUN apt-get update \
 && apt-get install -y --no-install-recommends libgomp1 libquadmath0 \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/program
COPY --from=packages /packages /usr/local
COPY scripts/check_system.py scripts/link_cuda.py scripts/
RUN python scripts/check_system.py && python scripts/link_cuda.py
COPY LICENSE ./
COPY container container
COPY model model
COPY serve serve
COPY train train
RUN python -m compileall -q .

ARG MXNET=
ARG ONNXRUNTIME=
ARG GPU=${MXNET}${ONNXRUNTIME}
# Empty is as good as unset, for NVIDIA's container runtime and for mxnet. Fusion makes PTX of CUDA 11.7
# while training, and drivers of an older CUDA refuse that.
ENV PYTHONPATH=/opt/program \
    PYTHONUNBUFFERED=1 \
    SEG_USER=10001 \
    NVIDIA_VISIBLE_DEVICES=${GPU:+all} \
    NVIDIA_DRIVER_CAPABILITIES=${GPU:+compute,utility} \
    MXNET_USE_FUSION=${MXNET:+0}
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s CMD ["python", "-m", "container.health"]
ARG VERSION=unreleased
LABEL com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true \
      com.amazonaws.sagemaker.capabilities.multi-models=true \
      org.opencontainers.image.title="Semantic segmentation for SageMaker" \
      org.opencontainers.image.description="Serves and trains models of SageMaker's built-in Semantic Segmentation algorithm" \
      org.opencontainers.image.licenses=Apache-2.0 \
      org.opencontainers.image.version="${VERSION}"

# SageMaker replaces CMD with `serve` or `train`; exec form, so that SIGTERM reaches the program.
ENTRYPOINT ["python", "-m", "container"]
CMD ["serve"]
