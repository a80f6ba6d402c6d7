"""The stages of data/acquire: they need a network, or the corpora already fetched."""
