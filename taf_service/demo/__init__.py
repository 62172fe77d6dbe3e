"""The demo: invented families, real parts, one story; run by `taf demo`."""

from __future__ import annotations

from taf_service.demo.playing import run as run
