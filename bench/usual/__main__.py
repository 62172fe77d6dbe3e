"""`python -m bench.usual` serves it."""

from bench.serving import serve

serve("bench.usual.application:app")
