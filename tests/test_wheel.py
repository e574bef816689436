"""What a user gets from `pip install`: the wheel alone, in an environment of its own, run from an empty folder."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `xlcorpus` of a fresh environment that holds the wheel; its dependencies are those of this one."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(build, check=True)
    (wheel,) = folder.glob("xlcorpus-*.whl")
    venv.create(folder / "env", with_pip=False)
    packages = next((folder / "env" / "lib").glob("python*")) / "site-packages"
    # A folder named in a .pth file gives its packages, but not its editable ones: those stand in .pth files themselves.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    install = [sys.executable, "-m", "pip", "--python", str(folder / "env"), "install", "--quiet", "--no-deps", wheel]
    subprocess.run(install, check=True)
    return folder / "env" / "bin" / "xlcorpus"


def xlcorpus(command: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command, without this checkout on the path."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(cwd), "HF_HUB_OFFLINE": "1"}
    return subprocess.run([command, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=280)


def test_a_pipeline_runs_by_name_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    done = xlcorpus(installed, tmp_path, "run", "quickstart")
    assert done.returncode == 0, done.stderr + done.stdout
    assert (tmp_path / "runs" / "quickstart" / "release" / "README.md").is_file()
    valid = xlcorpus(installed, tmp_path, "validate", "runs/quickstart/release")
    assert valid.returncode == 0, valid.stdout


def test_the_package_is_the_wheel_and_not_this_checkout(installed: Path, tmp_path: Path) -> None:
    python = installed.with_name("python")
    where = "import xlcorpus, xlcorpus.shipped as s; print(xlcorpus.__file__, s.folder('schemas'), len(s.pipelines()))"
    bare = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    told = subprocess.run(
        [python, "-c", where], cwd=tmp_path, env=bare, capture_output=True, text=True, check=True
    ).stdout
    assert str(ROOT) not in told
    assert int(told.split()[-1]) == len(list((ROOT / "pipelines").rglob("*.yaml")))


def test_an_unknown_name_is_answered_with_the_nearest(installed: Path, tmp_path: Path) -> None:
    done = xlcorpus(installed, tmp_path, "run", "quickstrat")
    assert done.returncode == 2
    assert "did you mean 'quickstart'?" in done.stderr
