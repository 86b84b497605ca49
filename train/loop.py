"""A training job from its first step to its last, interrupted and resumed anywhere.

    epoch:  steps ─▶ weights ─▶ artifact, converted ─▶ validation by its engine ─▶ kept if best
            └─────────────────────── checkpoint ───────────────────────┘

What a step does depends on the job's seed, the step's number and what was learned before, so a job
that goes on from a checkpoint does what it would have done.
"""

import logging
import time
from collections.abc import Iterable

from model.engines import prepare_engine
from train.checkpoint import Checkpoint, Checkpoints, beginning
from train.devices import find_devices
from train.history import Epoch, Sums, best_of, is_enough
from train.learner import Learner
from train.loader import Loader, Sample
from train.network import build, load, weights_of
from train.plan import Plan
from train.report import epoch_line, pace_line
from train.results import Results
from train.schedule import learning_rate
from train.validation import Score, validate
from train.watch import Interrupted, Watch

_CHECKPOINT_S = 600  # an epoch may take hours, and not every end is announced
_PACE_STEPS = 5

_log = logging.getLogger(__name__)


class Training:
    """One job, at some step of it."""

    def __init__(self, plan: Plan, loader: Loader, watch: Watch) -> None:
        """Begin, or go on from the last checkpoint.

        Raises:
            ClientError: weights to begin with, or checkpoints, are another network's or job's.
            AlgorithmError: there are checkpoints and none can be read.
        """
        chosen = plan.chosen
        self._plan, self._loader, self._watch = plan, loader, watch
        self._results = Results(plan.job.layout.model, chosen, plan.classes)
        self._checkpoints = Checkpoints(plan.job.layout.checkpoints, plan.identity)
        saved = self._checkpoints.newest() or beginning()
        self._seed, self._step, self._sums = saved.seed, saved.step, saved.sums
        self._best, self.history = saved.best, list(saved.history)
        devices = find_devices(chosen.mini_batch_size)
        _log.info("%s", devices.words)
        self._block = build(chosen, plan.sizes.side, devices.contexts, plan.start)
        load(self._block, saved.weights)
        self._learner = Learner(self._block, chosen, devices.contexts, step=saved.step)
        self._learner.load_states(saved.states)
        if saved.step:
            self._go_on(saved)
        self._saved_at = time.monotonic()
        self._paced_from, self._told_pace = 0.0, False
        self._batches = loader.batches(
            plan.dataset.train,
            plan.sizes,
            size=chosen.mini_batch_size,
            seed=self._seed,
            step=self._step,
        )

    def run(self) -> None:
        """Train until it is enough; `model/` has the artifact after each epoch.

        Raises:
            Interrupted: the watch said so.
            ClientError: loss or weights are no finite numbers, or a photo changed.
            AlgorithmError: a process that decodes died.
            OSError: what is to be kept cannot be written.
        """
        try:
            while not is_enough(self.history, self._plan.chosen):
                figures = self._train()
                score, seconds = self._validate()
                self._keep(score, seconds, figures)
        except Interrupted:
            self._save()
            raise
        self._batches.close()
        best = best_of(self.history)
        miou = self.history[best].miou
        _log.info("epoch %d was the best, with mIOU %.4f; it is served", best + 1, miou)

    def _train(self) -> dict[str, float]:
        """The rest of an epoch; its figures, by the names they have in `Epoch`."""
        epoch, size = len(self.history), self._plan.chosen.mini_batch_size
        steps = range(self._step, (epoch + 1) * self._plan.steps)
        bar = self._watch.shown(steps, len(steps), f"epoch {epoch + 1}")
        for place, step in enumerate(bar):
            self._sums += self._stepped(epoch, step)
            self._step = step + 1
            self._after_step()
            self._tell_pace(place)
        return {
            "loss": self._sums.loss / self._plan.steps,
            "learning_rate": learning_rate(self._plan.chosen, epoch=epoch, step=self._step - 1),
            "photos_per_s": self._plan.steps * size / self._sums.trained_s,
            "waited": self._sums.waited_s / self._sums.trained_s,
        }

    def _stepped(self, epoch: int, step: int) -> Sums:
        """Do one step."""
        start, waited_s = time.perf_counter(), self._loader.waited_s
        rate = learning_rate(self._plan.chosen, epoch=epoch, step=step)
        seed = (self._seed + step * 1_000_003) % 2**31
        loss = self._learner.step(next(self._batches), rate=rate, seed=seed)
        return Sums(loss, time.perf_counter() - start, self._loader.waited_s - waited_s)

    def _validate(self) -> tuple[Score, float]:
        """Score the weights as they are, and keep the artifact if it is the best so far."""
        weights, split = weights_of(self._block), self._plan.dataset.validation
        start = time.perf_counter()
        with self._results.candidate(weights) as artifact:
            engine = prepare_engine(artifact, self._plan.choice, artifact.folder)()
            samples = self._loader.samples(split)
            score = validate(engine, self._interruptible(samples, len(split.pairs)))
            seconds = time.perf_counter() - start
            if all(score.miou > epoch.miou for epoch in self.history):
                self._results.keep_best(artifact)
                self._best = weights
        self._results.keep_last(weights)
        return score, seconds

    def _keep(self, score: Score, seconds: float, figures: dict[str, float]) -> None:
        epoch = Epoch(
            miou=score.miou,
            pixel_accuracy=score.pixel_accuracy,
            validated_per_s=score.photos / seconds,
            **figures,
        )
        self.history.append(epoch)
        self._sums = Sums()
        _log.info("%s", epoch_line(self.history, self._plan.chosen.epochs))
        self._watch.epoch_over(self.history)
        self._save()

    def _interruptible(self, samples: Iterable[Sample], total: int) -> Iterable[Sample]:
        for sample in self._watch.shown(samples, total, "validation"):
            yield sample
            if self._watch.is_stopping():
                self._stop()

    def _after_step(self) -> None:
        if self._watch.is_stopping():
            self._stop()
        if time.monotonic() - self._saved_at > _CHECKPOINT_S:
            self._save()

    def _stop(self) -> None:
        msg = f"stopped after step {self._step}"
        raise Interrupted(msg)

    def _tell_pace(self, place: int) -> None:
        """Once; the first step is no measure, for networks prepare themselves in it."""
        if place == 0:
            self._paced_from = time.perf_counter()
        if place == _PACE_STEPS and not self._told_pace:
            step_s = (time.perf_counter() - self._paced_from) / _PACE_STEPS
            steps = self._plan.steps
            _log.info("%s", pace_line(step_s, steps, self._plan.chosen.epochs * steps - self._step))
            self._told_pace = True

    def _save(self) -> None:
        checkpoint = Checkpoint(
            seed=self._seed,
            step=self._step,
            sums=self._sums,
            history=tuple(self.history),
            weights=weights_of(self._block),
            states=self._learner.states(),
            best=self._best,
        )
        self._checkpoints.write(checkpoint)
        self._saved_at = time.monotonic()

    def _go_on(self, saved: Checkpoint) -> None:
        """Write again what was in `model/`, which may be a new folder."""
        _log.info("going on from the checkpoint of step %d", saved.step)
        if saved.best:
            with self._results.candidate(saved.best) as artifact:
                self._results.keep_best(artifact)
            self._results.keep_last(saved.weights)
