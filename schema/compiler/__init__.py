"""From a document to one SQL statement that returns the answer (api, "read path").

In the order of reading: `declared`, `arguments`, `cost`, `document`, `selection`, `text`, `values`,
`frames`, `writing`, `pages`, `roots`, `statement`, `plans`, `execution`, `rehearsal`.
"""
