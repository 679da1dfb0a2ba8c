#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""headers_alone.py GENERATED FLAG...: every header compiles on its own, with gcc and (if there) clang."""
import concurrent.futures
import os
import shutil
import subprocess
import sys

import house

generated, flags = sys.argv[1], sys.argv[2:]
compilers = [name for name in ("gcc", "clang") if shutil.which(name)]


def compile_alone(job):
    compiler, path = job
    tops = [f"-I{house.ROOT}/include"]
    for top in ("proto", "server", "client", "tests"):
        tops += ["-iquote", f"{house.ROOT}/{top}"]
    command = [compiler, "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function",
               "-DSOURCE_ROOT=\"\"", "-DTEST_DATA=\"\"", "-fsyntax-only", "-x", "c", *tops, f"-I{generated}", *flags, "-"]
    # As an include of an otherwise empty file: a header is no translation unit, so nothing of it may warn as one.
    source = f'#include "{house.ROOT}/{path}"\nextern int not_empty;\n'
    return job, subprocess.run(command, input=source, capture_output=True, text=True)


def main():
    faults = house.Faults("headers alone")
    jobs = [(compiler, path) for path in house.files(".h") for compiler in compilers]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for (compiler, path), done in pool.map(compile_alone, jobs):
            if done.returncode != 0:
                faults.tell(path, 1, f"does not compile alone with {compiler}:\n{done.stderr.strip()}")
    faults.end(len(jobs))


main()
