#!/bin/sh
# install.sh FOLDER [MXNET] [ONNXRUNTIME]: what the image needs, by hash, as /usr/local would have it.
# MXNET: cu112 for training on NVIDIA GPUs; ONNXRUNTIME: cu12 for serving on them; empty: the CPU.
set -eu
mxnet=${2:-cpu} onnxruntime=${3:-}
case "$mxnet" in
  cpu | cu112) ;;
  *) echo "MXNET=$mxnet is not known: cu112, or nothing for the CPU" >&2; exit 1 ;;
esac
case "$onnxruntime" in
  '' | cu12) ;;
  *) echo "ONNXRUNTIME=$onnxruntime is not known: cu12, or nothing for the CPU" >&2; exit 1 ;;
esac
for lock in "$mxnet" ${onnxruntime:+"$onnxruntime"} runtime; do
  pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --no-deps \
    --require-hashes --prefix "$1" -r "requirements/$lock.txt"
done
