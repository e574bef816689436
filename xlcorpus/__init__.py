"""xlcorpus: build multilingual training data.

from xlcorpus import Pipeline, run, steps

run(Pipeline("demo").then(steps.Read(paths={"deu": "de.txt"})).then(steps.Normalise()))
"""

from xlcorpus.engine import RunResult, run
from xlcorpus.pipeline import Pipeline, Resources
from xlcorpus.release_spec import ReleaseSpec
from xlcorpus.run_frames import run_frames
from xlcorpus.yaml_file import from_yaml, load, to_yaml

__all__ = ["Pipeline", "ReleaseSpec", "Resources", "RunResult", "from_yaml", "load", "run", "run_frames", "to_yaml"]
