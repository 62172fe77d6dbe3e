"""How the demo speaks: numbered steps on standard output."""

from __future__ import annotations

import sys


class StepFailed(Exception):
    """A step of the story did not happen; the sentence says what did instead."""


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Steps:
    """Numbers the steps of a story as they are told."""

    def __init__(self) -> None:
        self._number = 0

    def tell(self, text: str) -> None:
        self._number += 1
        say(f"\n{self._number}. {text}")
