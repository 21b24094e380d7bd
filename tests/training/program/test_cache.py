"""The cache of compiled programs."""

from __future__ import annotations

from skdl.training._program.cache import ProgramCache


def test_the_cache_drops_the_least_recently_used():
    made = []
    cache = ProgramCache(lambda key: made.append(key) or key, max_size=2)
    for key in ("a", "b", "a", "c", "a", "b"):
        cache.get(key)
    assert made == ["a", "b", "c", "b"]
    assert len(cache) == 2
