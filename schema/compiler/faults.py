"""Errors of single fields, found while a statement is written and raised where they belong."""

from __future__ import annotations

from taf_service.core.errors import Refusal

Faults = dict[int, Refusal]
"""By the identity of the field's node in its document."""
