"""A disk whose every flush takes ten milliseconds longer: libc's own flushes, slowed from outside the process."""

import shutil
import subprocess
from pathlib import Path

#: In milliseconds.
SLOWNESS = 10

_SOURCE = f"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
static int slowly(const char *name, int file) {{
    struct timespec wait = {{0, {SLOWNESS} * 1000000L}};
    nanosleep(&wait, 0);
    return ((int (*)(int)) dlsym(RTLD_NEXT, name))(file);
}}
int fsync(int file) {{ return slowly("fsync", file); }}
int fdatasync(int file) {{ return slowly("fdatasync", file); }}
"""


def slow_flush(folder: Path) -> dict[str, str] | None:
    """Return what to set in a process's environment; None where there is no C compiler to build it with."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    source, library = folder / "slow_flush.c", folder / "slow_flush.so"
    source.write_text(_SOURCE)
    built = subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], capture_output=True)
    return None if built.returncode else {"LD_PRELOAD": str(library)}
