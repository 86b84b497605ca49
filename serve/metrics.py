"""Counters and times, for Prometheus at /metrics and, if asked for, for CloudWatch in the log.

    seg_requests_total{status, code}     requests answered; code is empty where nothing was refused
    seg_stage_seconds{stage}             decode, queue, predict, render, encode, ..., total
    seg_bytes_in_total, seg_bytes_out_total
    seg_queue_places_taken, seg_queue_places
    seg_ready                            what /ping says
    seg_models_loaded                    how many
    seg_model_info{engine, precision}    where there may be several: {model, engine, precision}

/metrics cannot be reached through a SageMaker endpoint. There the log can carry them: a line with
an `_aws` member is read by CloudWatch as metrics (Embedded Metric Format, Amazon CloudWatch User
Guide, "Specification: Embedded metric format").

One process answers all requests, so its counters are the server's.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import InfoMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from serve.errors.base import shown
from serve.places import Places

CONTENT_TYPE = CONTENT_TYPE_LATEST
_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60)
_UNIT = "_ms"


class Serving(Protocol):
    """What metrics are read off: a model, or all of them."""

    places: Places

    @property
    def ready(self) -> bool:
        """What /ping says."""

    def facts(self) -> Sequence[Mapping[str, str]]:
        """Engine and precision of each model that is loaded, and its name if it has one."""


class Metrics:
    """Of one server. Threads may count at once.

    Args:
        serving: read off at the moment that somebody asks.
        namespace: CloudWatch's, for the metrics in the log; empty for none there.
    """

    def __init__(self, serving: Serving, namespace: str = "") -> None:
        self._serving = serving
        self._namespace = namespace
        registry = self._registry = CollectorRegistry()
        self._requests = Counter("seg_requests", "Requests.", ["status", "code"], registry=registry)
        self._seconds = Histogram(
            "seg_stage_seconds", "Time by stage.", ["stage"], buckets=_BUCKETS_S, registry=registry
        )
        self._bytes = {
            side: Counter(f"seg_bytes_{side}", f"Bytes of bodies, {side}.", registry=registry)
            for side in ("in", "out")
        }
        registry.register(_Models(serving))
        for name, doc, read in (
            ("seg_queue_places", "Photos that may be under way.", lambda: serving.places.count),
            ("seg_queue_places_taken", "Photos under way.", lambda: serving.places.taken),
            ("seg_ready", "1 where /ping says 200.", lambda: serving.ready),
            ("seg_models_loaded", "Models that are loaded.", lambda: len(serving.facts())),
        ):
            Gauge(name, doc, registry=registry).set_function(read)

    def count(self, entry: Mapping[str, Any]) -> None:
        """Count a request, an entry of serve/journal.py; what was no HTTP has no bytes."""
        self._requests.labels(entry["status"], entry.get("code", "")).inc()
        for side, counter in self._bytes.items():
            counter.inc(entry.get(f"bytes_{side}", 0))
        for name in _times(entry):
            self._seconds.labels(name.removesuffix(_UNIT)).observe(entry[name] / 1000)

    def exposed(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)

    def embedded(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """What makes an entry's line a metric of CloudWatch's; nothing without a namespace.

        `aws` is to be written as `_aws`, which serve/logs.py does.
        """
        if not self._namespace:
            return {}
        times = [{"Name": name, "Unit": "Milliseconds"} for name in _times(entry)]
        depth = [{"Name": name, "Unit": "Count"} for name in ("places_taken",) if name in entry]
        model = self._model_of(entry)
        measured = times + depth
        directives = [self._directive([*model], measured)] if measured else []
        more: dict[str, Any] = {**model}
        if "code" in entry:
            rejects = [{"Name": "rejected", "Unit": "Count"}]
            directives.append(self._directive(["code"], rejects))
            more["rejected"] = 1
        stamp = {"Timestamp": int(1000 * time.time()), "CloudWatchMetrics": directives}
        return {"aws": stamp, **more}

    def _model_of(self, entry: Mapping[str, Any]) -> dict[str, str]:
        """Engine and precision of the model that was asked; empty where none is loaded."""
        for facts in self._serving.facts():
            if shown(facts.get("model", "")) == entry.get("model", ""):
                return {name: facts[name] for name in ("engine", "precision")}
        return {}

    def _directive(self, dimensions: list[str], metrics: list[dict[str, str]]) -> dict[str, Any]:
        return {"Namespace": self._namespace, "Dimensions": [dimensions], "Metrics": metrics}


class _Models(Collector):
    """What runs, as it is at the moment."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    def collect(self) -> Iterable[InfoMetricFamily]:
        family = InfoMetricFamily("seg_model", "What is served, and by what.")
        for facts in self._serving.facts():
            family.add_metric([], {**facts})
        yield family


def _times(entry: Mapping[str, Any]) -> list[str]:
    return [name for name in entry if name.endswith(_UNIT)]
