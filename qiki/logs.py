"""Structured logs on standard error, so that standard output stays free for results."""

import logging
import os
import sys

import structlog

from qiki.settings import LogSettings


def configure(settings: LogSettings) -> None:
    """Send log events to standard error: text on a terminal, else one JSON object a line."""
    terminal = sys.stderr.isatty()
    text = settings.format == "text" or (settings.format == "auto" and terminal)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _renderer(text=text, colors=terminal and "NO_COLOR" not in os.environ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings.level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    if settings.bot is not None:
        structlog.contextvars.bind_contextvars(bot=settings.bot)


def _renderer(*, text: bool, colors: bool) -> structlog.typing.Processor:
    if text:
        return structlog.dev.ConsoleRenderer(colors=colors)
    return structlog.processors.JSONRenderer()
