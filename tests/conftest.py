"""Property tests have no time limit: this suite asserts what is right, and benchmarks show how fast it is."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
