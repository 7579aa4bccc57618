"""How SwiftPM compiles and links, read from what it wrote down for its own use."""

import functools
import json
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@functools.cache
def manifest(configuration):
    path = os.path.join(ROOT, ".build", f"{configuration}.yaml")
    try:
        with open(path) as file:
            return file.read()
    except FileNotFoundError:
        target = {"debug": "build"}.get(configuration, configuration)
        sys.exit(f"{os.path.basename(sys.argv[0])}: there is no {configuration} build; run `make {target}`")


def command(configuration, name, kind):
    """The words of the command that makes a module or an executable.

    `kind` is "module" or "exe".
    """
    match = re.search(rf'^  "C\.{name}-[^"]*-{configuration}\.{kind}":\n(?:    .*\n)*?    args: (\[.*\])$',
                      manifest(configuration), re.MULTILINE)
    if not match:
        sys.exit(f"{os.path.basename(sys.argv[0])}: .build/{configuration}.yaml does not say how {name} is built")
    return json.loads(match.group(1))
