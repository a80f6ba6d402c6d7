"""From free value names to a tree of values.

Names are freed of spelling (:mod:`~valuescape.taxonomy.names`), synonyms are merged
(:mod:`~valuescape.taxonomy.merging`), each value is judged desirable, undesirable, contested or a
fault (:mod:`~valuescape.taxonomy.polarity`) and filed under a group of its own polarity
(:mod:`~valuescape.taxonomy.placement`).
"""
