"""How the world can be observed: one channel a file, listed here and nowhere else.

A channel is a coroutine that takes a `Watcher`, asks or reads whatever it is about, and leaves
what it learnt in the watcher's notes. `ALWAYS` are asked after every open step, `AT_LAST` once,
after the last: they are dear, or change the world.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from tests.security.noninterference.channels.acts import every_act
from tests.security.noninterference.channels.doors import every_door
from tests.security.noninterference.channels.mail import mailbox
from tests.security.noninterference.channels.objects import every_object
from tests.security.noninterference.channels.pages import every_page
from tests.security.noninterference.watching import Watcher

Channel: TypeAlias = Callable[[Watcher], Awaitable[None]]

ALWAYS: tuple[Channel, ...] = (every_object, mailbox)
AT_LAST: tuple[Channel, ...] = (every_page, every_door, every_act)
