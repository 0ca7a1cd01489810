"""Expected failures: told in two sentences, never as a traceback."""

import argparse
import signal
import sys

from .console import complain


class Problem(Exception):
    """Something a person can mend: what happened, and what to do about it."""

    def __init__(self, what, todo="", details=""):
        told = [details, f"Error: {what}", f"What to do: {todo}" if todo else ""]
        super().__init__("\n".join(filter(None, told)))


def run_command(main):
    """Run a command's main function and turn its outcome into an exit code."""
    # `kill` and a closed terminal shall clean up as Ctrl-C does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        sys.exit(main(sys.argv[1:]))
    except Problem as problem:
        complain(f"\n{problem}")
        sys.exit(1)
    except KeyboardInterrupt:
        complain("\nInterrupted. What was fetched and built is kept.")
        sys.exit(130)


def run_with_options(function, description, options):
    """Run a function with what the command line says, by the names of its options.

    :param options: dict by the name of an argument, of what argparse is told of it
    """
    parser = argparse.ArgumentParser(sys.argv[0], description=description)
    for name, settings in options.items():
        parser.add_argument(name, **settings)
    run_command(lambda arguments: function(**vars(parser.parse_args(arguments))))


def choose(names, known):
    """
    :return: these names, or all when there are none
    """
    if unknown := sorted({*names} - {*known}):
        raise Problem(
            f"There is no {', '.join(unknown)}.", f"choose among {', '.join(known)}."
        )
    return names or known
