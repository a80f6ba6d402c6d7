"""The data set as others take it: tables, cards, Croissant, checksums."""
