"""Two public clients of the built-in algorithm, step by step, against a server on this machine.

    make serve                                # in another terminal
    .venv/bin/python -m docs.replay

or cell by cell in an editor that knows `# %%`. First AWS's sample notebook, its part "Inference";
then a blog post's script for an endpoint that is there already. The steps are theirs, and what was
changed is boto3's `endpoint_url`; what has become simpler comes after. It writes demo/out/replay.
"""

# %% An endpoint. On SageMaker: boto3.client("sagemaker-runtime"), and its own name.
import io
import os
from pathlib import Path

import boto3
import numpy as np
from matplotlib import pyplot as plt
from PIL import Image

from client import Client, EndpointClient, read_scores

url = os.environ.get("ENDPOINT_URL", "http://localhost:8080")
out = Path(os.environ.get("OUT", "demo/out/replay"))
out.mkdir(parents=True, exist_ok=True)
runtime = boto3.client(
    "sagemaker-runtime",
    endpoint_url=url,
    region_name="us-east-1",
    aws_access_key_id="any",
    aws_secret_access_key="any",  # noqa: S106  # nobody checks it
)
endpoint = "ss-notebook-demo"

# %% The notebook: a photo as a camera makes it, shrunk to at most 800 x 600 and sent as JPEG.
# Pillow has renamed ANTIALIAS to LANCZOS since; nothing else here is new.
photo = out / "photo.jpg"
with Image.open("demo/photos/chelsea.jpg") as cat:
    cat.resize((1804, 1200)).save(photo, "JPEG")

filename = out / "test.jpg"
with Image.open(photo) as im:
    im.thumbnail((800, 600), Image.Resampling.LANCZOS)
    im.save(filename, "JPEG")
img = bytearray(filename.read_bytes())
print(f"photo of {im.size[0]} x {im.size[1]}, {len(img)} bytes")

# %% The notebook: a mask, by content type image/jpeg and accept image/png.
# `ss_predictor.predict(img)` of the SDK makes this very call (tests/sdk/ask.py runs it).
response = runtime.invoke_endpoint(
    EndpointName=endpoint, ContentType="image/jpeg", Accept="image/png", Body=img
)
mask = np.array(Image.open(io.BytesIO(response["Body"].read())))
print(f"mask of {mask.shape} {mask.dtype}, ids {np.unique(mask).tolist()}")

# %% The notebook: probabilities, by accept application/x-protobuf, kept in a file.
response = runtime.invoke_endpoint(
    EndpointName=endpoint, ContentType="image/jpeg", Accept="application/x-protobuf", Body=img
)
results_file = out / "results.rec"
results_file.write_bytes(response["Body"].read())

# %% Reading them took mxnet, SageMaker's record_pb2, a list of a million floats and two squeezes.
# Those lines still work (tests/http/test_known_clients.py); now one will do.
scores = read_scores(results_file)
num_classes = len(scores)
pred_map = np.argmax(scores, axis=0)
print(f"probabilities of {scores.shape}; their argmax is the mask: {(pred_map == mask).all()}")

# %% The notebook: a picture of the ids.
plt.imsave(out / "pred_map.png", pred_map, vmin=0, vmax=num_classes - 1, cmap="jet")

# %% The blog post: an endpoint that is there already, application/x-image, and no Accept at all.
response = runtime.invoke_endpoint(
    EndpointName=endpoint, ContentType="application/x-image", Body=img
)
body = response["Body"].read()
try:
    body.decode()
except UnicodeDecodeError as err:
    print(f"no text, as its author found: {err}")
print(
    f"what comes without Accept is {response['ContentType']}: {(read_scores(body) == scores).all()}"
)

# %% Simpler: client.py. The same of a SageMaker endpoint, of the built-in algorithm's too ...
ids = EndpointClient(runtime, endpoint).segment(filename)
print(f"the same mask: {(ids == mask).all()}")

# %% ... and of a server by its address. The photo may stay as large as it is.
client = Client(url)
print(f"ids of the whole photo: {client.segment(photo).shape}")

# %% Simpler: the server draws, and counts. ids.png is pred_map.png, pixel by pixel.
colours = client.overlay(filename, accept="image/png-mask", colormap="jet")
(out / "ids.png").write_bytes(colours)
(out / "overlay.png").write_bytes(client.overlay(filename, legend=True, outline=1))
for found in client.summary(filename)["classes"]:
    print(f"{found['name']:<12}{found['share']:6.1%} of the photo")
