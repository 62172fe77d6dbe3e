"""Logs are JSON lines that name things by id: never a person, an address or what somebody wrote."""

from __future__ import annotations

import logging
import sys

import structlog

# These would print SQL with its values, or what clients sent.
_QUIET = ("tortoise", "tortoise.db_client", "strawberry", "strawberry.execution", "mail.log")


def configure() -> None:
    """For the whole process, once at start."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
