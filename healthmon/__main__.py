"""``python -m healthmon``: set up ``.venv`` if needed, then run the command in it."""

import subprocess
import sys

from healthmon.bootstrap import runs_here, set_up


def main() -> None:
    """Run the command line, in the checkout's own environment."""
    if not runs_here():
        raise SystemExit(subprocess.call([str(set_up()), "-m", "healthmon", *sys.argv[1:]]))
    from healthmon.cli import main as run

    run()


if __name__ == "__main__":
    main()
