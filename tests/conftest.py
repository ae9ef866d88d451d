"""Property tests have no time limit: this suite asserts what is right, and benchmarks show how fast it is.

Their examples are the same in every run, so that a test that fails is about the change at hand. To try others:
`make test ARGS="-k placebo --hypothesis-profile=other-examples"`.
"""

from hypothesis import settings

settings.register_profile("same-examples", deadline=None, derandomize=True)
settings.register_profile("other-examples", deadline=None)
settings.load_profile("same-examples")
