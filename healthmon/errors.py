"""Mistakes that a user can mend; shown without a traceback, exit code 2."""


class UserError(Exception):
    """Report a mistake in input, parameters or usage, saying what, where and what to do."""


class ParameterError(UserError):
    """Report a parameter file that is refused, naming file and line."""


class ExportError(UserError):
    """Report a department export that cannot be taken at all, naming the file."""


class NotebookError(UserError):
    """Report a notebook that failed, naming notebook, cell and error."""
