"""The situations, one a file, listed here and nowhere else."""

from __future__ import annotations

from tests.security.noninterference.situation import Scene
from tests.security.noninterference.situations.hidden_family import HiddenFamily
from tests.security.noninterference.situations.kept_apart import KeptApart
from tests.security.noninterference.situations.two_families import TwoFamilies
from tests.security.noninterference.situations.uninvited import Uninvited

SITUATIONS: tuple[Scene, ...] = (HiddenFamily, KeptApart, TwoFamilies, Uninvited)
