"""From a document to one SQL statement that returns the answer (api, "read path").

In the order of reading: `document`, `selection`, `writing` (with `values`, `pages`, `frames` and
`text`), `roots`, `statement`, `plans`, `execution`.
"""
