"""Non-interference: what somebody must not know changes not one byte of what they can find out.

A **situation** is played twice, with the same people, ids and moments: once with what happens in
secret, once without. After each open step everybody who watches looks through every **channel**,
and all that they were told is compared byte by byte, status and headers too. They also ask for the
ids, names, addresses and times of the secret, as whoever has kept or guessed them would, in both
worlds.

To add a situation: one class in a file of `situations/`, listed in its `__init__`. `set` builds
what is so in both worlds; methods marked `@openly` and `@secretly` follow in the order in which
they are played, through the real operations (`deeds` has the usual ones in a line each).
`watchers` are those who must notice nothing; `hides` are types of which something must come to be
in secret, so that a situation that has stopped hiding anything fails. End with an open step. An
open step may do the same thing about something that exists in one world alone: see `Uninvited`.

To add a channel: one coroutine in a file of `channels/`, listed in its `__init__`, that takes a
`Watcher` and leaves what it learns in their notes, by `ask`, `fetch` or `note`. `watcher.seen` has
the ids that they met, `watcher.kept` what could have been kept of the secret. A new field,
relation, connection, filter, root, mutation or preview needs nothing: questions are made from the
schema.

What is told on purpose is no interference, and no situation may hold it. Two things are: a stop of
contact, or safe contact, in one family holds for whoever writes to that person or address; and an
identity that signs somebody in signs in nobody else.

`play` tells how the play goes, `difference` what a failure says, `pretended` why two worlds draw
the same ids and read the same clock, `timing` what may be told from how long an answer takes.
"""
