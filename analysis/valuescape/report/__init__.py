"""Results to numbers, tables, figures and the paper; nothing is recomputed here."""
