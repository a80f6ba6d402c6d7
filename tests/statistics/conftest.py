"""One profile for the property tests of this folder."""

from hypothesis import settings

settings.register_profile("statistics", deadline=None, max_examples=60)
settings.load_profile("statistics")
