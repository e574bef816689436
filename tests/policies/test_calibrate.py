"""Policies from reference text: proposed on one half, tested on the other."""

import random
from pathlib import Path

import polars as pl
import pytest

from xlcorpus.policies import noise
from xlcorpus.policies.calibrate import LEAST_DOCUMENTS, calibrate
from xlcorpus.steps.filter.policy import QUANTILES, Policy
from xlcorpus.steps.filter.quality import Quality

PARTS = {
    "deu_Latn": (
        ["Der Zug", "Die Frau", "Das Kind", "Mein Bruder", "Unser Lehrer", "Der Hund der Nachbarn"],
        ["fährt heute", "sitzt am Morgen", "wartet schon lange", "liest ein Buch", "trinkt einen Kaffee"],
        ["in der Stadt", "auf dem Markt", "mit den Eltern", "bei der Arbeit", "und lacht über die Katze"],
    ),
    "swh_Latn": (
        ["Mtoto", "Mama yake", "Rafiki yangu", "Mwalimu wetu", "Mbwa wa jirani", "Babu"],
        ["anasoma kitabu", "anakaa asubuhi", "anasubiri sana", "anakunywa chai", "anafanya kazi"],
        ["katika mji", "kwenye soko", "na wazazi wake", "kwa furaha", "na anacheka kama paka"],
    ),
}


@pytest.fixture(scope="module")
def reference() -> pl.DataFrame:
    draws = random.Random(0)
    rows = []
    for lang, parts in PARTS.items():
        for _ in range(160):
            lines = [
                ". ".join(" ".join(draws.choice(part) for part in parts) for _ in range(draws.randint(2, 4))) + "."
                for _ in range(draws.randint(1, 3))
            ]
            rows.append({"text": "\n".join(lines), "lang": lang})
    return pl.DataFrame(rows)


def test_a_proposal_rejects_more_noise_and_keeps_the_text(reference: pl.DataFrame) -> None:
    policy, trials = calibrate(reference)

    for trial in trials:
        assert trial.clean[0] >= 0.95
        if trial.refused is None:
            assert trial.rejected[0] > trial.rejected[1]
            assert policy.languages[trial.lang].limits
            assert policy.languages[trial.lang].stop_words
    assert any(trial.refused is None for trial in trials)


def test_a_policy_is_applied_as_it_was_tested(reference: pl.DataFrame, tmp_path: Path) -> None:
    policy, _ = calibrate(reference)
    policy.save(tmp_path / "policy.yaml")
    step = Quality(policy=str(tmp_path / "policy.yaml"))
    spoilt = noise.noise(reference.group_by("lang", maintain_order=True).head(40), seed=9)

    kept, rejected = step(reference, kind="document"), spoilt.height - step(spoilt, kind="document").height

    assert kept.height >= 0.95 * reference.height
    assert rejected >= 0.9 * spoilt.height


def test_the_reference_is_described(reference: pl.DataFrame) -> None:
    policy, _ = calibrate(reference)

    found = policy.languages["deu_Latn"].reference
    assert found is not None
    assert found.documents == reference.filter(pl.col("lang") == "deu_Latn")["text"].n_unique()
    assert all(len(values) == len(QUANTILES) for values in found.quantiles.values())
    assert found.quantiles["words"] == sorted(found.quantiles["words"])


def test_few_documents_propose_nothing(reference: pl.DataFrame) -> None:
    few = reference.group_by("lang", maintain_order=True).head(LEAST_DOCUMENTS - 1)

    policy, trials = calibrate(few)

    assert trials == []
    assert policy.languages == {}
    assert len(policy.notes) == 2


def test_a_half_that_is_noise_itself_is_no_reference() -> None:
    junk = pl.DataFrame({"text": [f"{n * 7919 % 1000} | {n} | {n * 31 % 97}" for n in range(200)], "lang": "deu_Latn"})

    policy, trials = calibrate(junk)

    assert trials[0].refused is not None
    assert policy.languages["deu_Latn"].limits == {}


def test_equal_seeds_give_equal_policies(reference: pl.DataFrame) -> None:
    assert calibrate(reference, seed=3)[0] == calibrate(reference, seed=3)[0]


def test_equal_seeds_give_equal_noise(reference: pl.DataFrame) -> None:
    assert noise.noise(reference, seed=4).equals(noise.noise(reference, seed=4))
    assert not noise.noise(reference, seed=4).equals(noise.noise(reference, seed=5))


def test_a_saved_policy_is_read_back(reference: pl.DataFrame, tmp_path: Path) -> None:
    policy, _ = calibrate(reference)
    policy.save(tmp_path / "policy.yaml")

    assert Policy.load(tmp_path / "policy.yaml") == policy
