"""Run a command and say how long it took and how much memory its largest process had.

python -I -S launch.py OUTPUT COMMAND...

A process of its own, and a small one: what a process had before it became the command counts as the
command's. It prints seconds, kilobytes and the exit code.
"""

import os
import sys
import time


def main() -> None:
    """Run what the arguments say; its output goes to a file, its errors to another one beside it."""
    output, *command = sys.argv[1:]
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, output, flags, 0o644),
        (os.POSIX_SPAWN_OPEN, 2, f"{output}.errors", flags, 0o644),
    ]
    begin = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - begin
    sys.stdout.write(f"{seconds} {usage.ru_maxrss} {os.waitstatus_to_exitcode(status)}\n")


main()
