"""The command `frailty-lessons`."""

import argparse
import sys

from frailty_lessons import __version__


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"{self.prog}: {message}. See {self.prog} --help.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="frailty-lessons", description="A course on reading a clinical trial of a frailty treatment.")
    parser.add_argument("--version", action="version", version=f"frailty-lessons {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)

    opening = commands.add_parser(
        "open",
        usage="frailty-lessons open [FOLDER] [JupyterLab's options]",
        help="open the course in JupyterLab (this is also what frailty-lessons does without a command)",
        description="Opens the course in JupyterLab. Outside a course folder, copies the course to FOLDER first, "
        "and never over a file that is there. All options go to JupyterLab, for example --no-browser or --port 8899.",
    )
    opening.add_argument("folder", nargs="?", metavar="FOLDER", help="the course's folder (default: ./frailty-lessons)")

    pages = commands.add_parser(
        "course",
        usage="frailty-lessons course [FOLDER] [Voilà's options]",
        help="open the course as pages that run by themselves",
        description="Opens the course as pages that run by themselves, in the browser. Outside a course folder, copies the "
        "course to FOLDER first, and never over a file that is there. All options go to Voilà, for example --no-browser "
        "or --port 8866.",
    )
    pages.add_argument("folder", nargs="?", metavar="FOLDER", help="the course's folder (default: ./frailty-lessons)")

    checking = commands.add_parser(
        "check",
        help="check that the lessons are in shape",
        description="Checks the lessons of a course folder, and prints one sentence for each fault.",
    )
    checking.add_argument("folder", nargs="?", metavar="FOLDER", help="the course's folder (default: the current one)")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run the command with the arguments `argv` (default: those of the process), and return its exit code."""
    argv = list(sys.argv[1:] if argv is None else argv)
    if not argv or (argv[0].startswith("-") and argv[0] not in ("-h", "--help", "--version")):
        argv.insert(0, "open")
    own, options = argv, []
    if argv[0] in ("open", "course") and not {"-h", "--help"}.intersection(argv):
        # argparse would take the 8899 of `--port 8899` for the folder.
        end = 2 if len(argv) > 1 and not argv[1].startswith("-") else 1
        own, options = argv[:end], argv[end:]
    arguments = _parser().parse_args(own)
    return _check(arguments.folder) if arguments.command == "check" else _open(arguments.command, arguments.folder, options)


def _open(command, folder, options):
    from frailty_lessons.teaching.opening import OpeningError, open_course

    try:
        if command == "open":
            return open_course(folder, options)

        from frailty_lessons.teaching.pages import open_pages

        return open_pages(folder, options)
    except OpeningError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _check(folder):
    from frailty_lessons.course import course_folder, load_course

    found = course_folder(folder)
    if found is None:
        print(f"There is no course in {folder or 'this folder'}: name the folder that has notebooks/ in it.", file=sys.stderr)
        return 2

    from frailty_lessons.teaching.check import check

    faults = check(found)
    for fault in faults:
        print(fault)
    if faults:
        return 1
    print(f"All {len(load_course(found).lessons)} lessons are in shape.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
