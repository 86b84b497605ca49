"""The headers that are read and written.

Accept and Content-Type apart: OpenAPI has them as the media types of answers and bodies.
"""

from serve.openapi.reference import Json, ref

_ATTRIBUTES = (
    "Options, as `#/components/schemas/Options` has them: `alpha=0.4;legend=1`, with `;` or `,`"
    " between. A value with a separator or a space in it is put in double quotes, where a backslash"
    " takes the next character as it is; a name alone is a flag that is on. What is no option, a"
    " tracing id say, is passed over. Parameters of the type in Accept, and `Options` in a JSON"
    " body, win over it."
)

PARAMETERS: Json = {
    "CustomAttributes": {
        "name": "X-Amzn-SageMaker-Custom-Attributes",
        "in": "header",
        "description": _ATTRIBUTES,
        "schema": {"type": "string"},
        "examples": {
            "options": {"value": "alpha=0.4;legend=1"},
            "quoted": {"value": 'class="0,1";colormap="viridis|dynamic"'},
        },
    },
    "InferenceId": {
        "name": "X-Amzn-SageMaker-Inference-Id",
        "in": "header",
        "description": "Noted in the log, as far as it can be shown on a line.",
        "schema": {"type": "string"},
    },
    "TargetVariant": {
        "name": "X-Amzn-SageMaker-Target-Variant",
        "in": "header",
        "description": "Noted in the log, as far as it can be shown on a line.",
        "schema": {"type": "string"},
    },
}
"""A request's, by the names of components."""

RESPONSE: Json = {
    "X-Request-Id": {
        "description": "Of this request, in the log too.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    },
    "Server-Timing": {
        "description": "Milliseconds by stage: `decode;dur=2.1, queue;dur=0.1, predict;dur=268.0`.",
        "required": True,
        "schema": {
            "type": "string",
            "pattern": r"^[a-z]+;dur=[0-9]+\.[0-9]+(, [a-z]+;dur=[0-9]+\.[0-9]+)*$",
        },
    },
    "Allow": {
        "description": "The methods that the path answers; HEAD, where GET is, and OPTIONS too.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds after which it may do.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
}
"""An answer's, by name."""


def parameters() -> list[Json]:
    """What a request with a photo may say in its head."""
    return [ref("parameters", name) for name in PARAMETERS]


def response_headers(*names: str) -> Json:
    """By name."""
    return {name: ref("headers", name) for name in names}
