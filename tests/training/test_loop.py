"""The training loop: the best epoch, memory that runs out, going on after a stop, a loss that explodes."""

import numpy as np
import pytest
import torch

from xlcorpus.errors import UserError
from xlcorpus.models.arithmetic import Arithmetic
from xlcorpus.training.checkpoint_folder import CheckpointFolder
from xlcorpus.training.loop import HeldOutScore, Schedule, fit

CPU = Arithmetic("cpu", "float32")
X = torch.linspace(-1, 1, 12).reshape(12, 1)
PLAN = Schedule(epochs=4, learning_rate=0.1, warmup=0.0, decay="linear")


class Line:
    """Learns y = 3 x; more rows than `fit_at_once` at a time do not fit into memory."""

    def __init__(self, fit_at_once=12, scores=None):
        torch.manual_seed(0)
        self.model = torch.nn.Linear(1, 1)
        self.fit_at_once = fit_at_once
        self.scores = iter(scores) if scores else None
        self.weights = []

    def batches(self, rng):
        return np.array_split(rng.permutation(12), 3)

    def backward(self, rows, parts, scale):
        total = 0.0
        for part in np.array_split(rows, parts):
            if len(part) > self.fit_at_once:
                raise torch.OutOfMemoryError("out of memory")
            loss = (self.model(X[part]) - 3 * X[part]).square().sum() / len(rows)
            scale(loss).backward()
            total += float(loss.detach())
        return total

    def score(self):
        self.weights.append(self.model.weight.item())
        if self.scores is None:
            return None
        return HeldOutScore(next(self.scores), "measured")


def work(tmp_path, name="model"):
    return CheckpointFolder(tmp_path / name, "key")


def test_the_loss_falls_and_without_held_out_pairs_the_last_epoch_is_kept(tmp_path):
    line = Line()
    losses = fit(line, PLAN, CPU, work(tmp_path), 0, lambda text, warning: None)
    assert len(losses) == 4 and losses[3] < losses[0]
    assert line.model.weight.item() == line.weights[3]


def test_the_best_epoch_is_kept(tmp_path):
    line = Line(scores=[0.1, 0.5, 0.4, 0.5])
    fit(line, PLAN, CPU, work(tmp_path), 0, lambda text, warning: None)
    assert line.model.weight.item() == line.weights[1] != line.weights[3]


def test_when_memory_runs_out_batches_go_in_parts_with_the_same_result(tmp_path):
    whole, parted, said = Line(), Line(fit_at_once=1), []
    want = fit(whole, PLAN, CPU, work(tmp_path, "a"), 0, lambda text, warning: None)
    got = fit(parted, PLAN, CPU, work(tmp_path, "b"), 0, lambda text, warning: said.append(text) if warning else None)
    assert got == pytest.approx(want, rel=1e-5)
    assert said == [f"not enough memory: from now on {n} of 4 pairs of a batch at once" for n in (2, 1)]


def test_what_does_not_fit_at_all_is_said_with_advice(tmp_path):
    with pytest.raises(
        UserError, match="not even one pair at a time fits into the memory of cpu; take a smaller model"
    ):
        fit(Line(fit_at_once=0), PLAN, CPU, work(tmp_path), 0, lambda text, warning: None)


def test_memory_that_runs_out_elsewhere_is_said_too(tmp_path):
    line = Line()
    line.score = lambda: torch.empty(1 << 50)
    with pytest.raises(UserError, match="the model does not fit into the memory of cpu"):
        fit(line, PLAN, CPU, work(tmp_path), 0, lambda text, warning: None)


def test_other_errors_are_not_taken_for_a_lack_of_memory(tmp_path):
    line = Line()
    line.score = lambda: torch.ones(2) @ torch.ones(3)
    with pytest.raises(RuntimeError, match="size"):
        fit(line, PLAN, CPU, work(tmp_path), 0, lambda text, warning: None)


class StoppedError(Exception):
    pass


def test_a_stopped_training_goes_on_and_ends_as_if_it_had_not_stopped(tmp_path):
    undisturbed, stopped, resumed = Line(), Line(), Line()
    want = fit(undisturbed, PLAN, CPU, work(tmp_path, "a"), 0, lambda text, warning: None)

    def stop(text, warning):
        if text.startswith("epoch 2"):
            raise StoppedError

    with pytest.raises(StoppedError):
        fit(stopped, PLAN, CPU, work(tmp_path, "b"), 0, stop)
    said = []
    got = fit(resumed, PLAN, CPU, work(tmp_path, "b"), 0, lambda text, warning: said.append(text))
    assert said[0] == "going on after epoch 2 of 4, where an earlier training stopped"
    assert len(resumed.weights) == 2
    assert got == want and torch.equal(resumed.model.weight, undisturbed.model.weight)


def test_another_training_does_not_go_on_from_it(tmp_path):
    fit(Line(), PLAN, CPU, CheckpointFolder(tmp_path / "m", "one"), 0, lambda text, warning: None)
    assert CheckpointFolder(tmp_path / "m", "one").resume() is not None
    assert CheckpointFolder(tmp_path / "m", "two").resume() is None


def test_a_damaged_checkpoint_is_said_with_what_to_do(tmp_path):
    place = work(tmp_path)
    fit(Line(), PLAN, CPU, place, 0, lambda text, warning: None)
    checkpoint = place.path / "checkpoint.pt"
    checkpoint.write_bytes(checkpoint.read_bytes()[:200])
    with pytest.raises(UserError, match=r"checkpoint\.pt is damaged .*; remove .*\.model\.training, and the training"):
        fit(Line(), PLAN, CPU, work(tmp_path), 0, lambda text, warning: None)


def test_a_loss_that_explodes_stops_the_training(tmp_path):
    line = Line()
    line.backward = lambda rows, parts, scale: float("nan")
    with pytest.raises(UserError, match=r"the training diverged \(loss nan\); take a smaller learning_rate"):
        fit(line, PLAN, CPU, work(tmp_path), 0, lambda text, warning: None)


def test_a_folder_that_exists_is_not_overwritten(tmp_path):
    with pytest.raises(UserError, match="exists already; give another folder"):
        work(tmp_path.parent, tmp_path.name)


@pytest.mark.parametrize(
    ("schedule", "rates"), [("linear", [0.0, 0.5, 1.0, 0.5, 0.0]), ("inverse_sqrt", [0.0, 0.5, 1.0, 0.6325, 0.5])]
)
def test_the_step_size_rises_and_falls(schedule, rates):
    plan = Schedule(epochs=1, learning_rate=1.0, warmup=0.25 if schedule == "inverse_sqrt" else 0.5, decay=schedule)
    places = [0.0, 0.125, 0.25, 0.625, 1.0] if schedule == "inverse_sqrt" else [0.0, 0.25, 0.5, 0.75, 1.0]
    assert [plan.rate(p) for p in places] == pytest.approx(rates, abs=1e-4)
