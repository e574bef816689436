"""xlcorpus: build multilingual training data.

from xlcorpus import Pipeline, run, steps

run(Pipeline("demo").then(steps.Read(paths={"deu": "de.txt"})).then(steps.Normalise()))
"""

from xlcorpus.engine import RunResult, run
from xlcorpus.pipeline import Pipeline, Resources
from xlcorpus.release.spec import ReleaseSpec

__all__ = ["Pipeline", "ReleaseSpec", "Resources", "RunResult", "run"]
