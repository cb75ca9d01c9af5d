"""`python -m bench.faults [NUMBER]`: which single-line faults of `faults.toml` the tests notice; NUMBER takes a few.

Works on a copy of the checkout, one fault at a time, with the tests that `make test` runs. A fault that no test notices
makes the command fail.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", "build", "dist", "__pycache__", ".*_cache", ".hypothesis")


def find_failure(copy: Path, tests: list[str]) -> str:
    """Run tests of the copy until one fails; return its name, "" if all pass."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", "--tb=no", *tests]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=600, check=False)
    failed = [line.split(" - ")[0] for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return failed[0] if failed else "" if done.returncode == 0 else f"exit code {done.returncode}"


def main() -> int:
    faults = tomllib.loads((ROOT / "bench" / "faults.toml").read_text(encoding="utf-8"))["fault"]
    if len(sys.argv) > 1:
        faults = random.sample(faults, int(sys.argv[1]))
    unseen = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        for fault in faults:
            path = copy / fault["file"]
            text = path.read_text(encoding="utf-8")
            if text.count(fault["is"]) != 1:
                raise SystemExit(f"{fault['file']} does not hold this once: {fault['is']}")
            path.write_text(text.replace(fault["is"], fault["fault"]), encoding="utf-8")
            failed = find_failure(copy, fault["tests"])
            path.write_text(text, encoding="utf-8")
            unseen += not failed
            print(f"{fault['file']}: {fault['fault'].strip()[:70]!r}: {failed or 'NOT NOTICED'}", flush=True)
    print(f"{len(faults) - unseen} of {len(faults)} noticed")
    return 1 if unseen else 0


if __name__ == "__main__":
    raise SystemExit(main())
