"""The figures: each a function from result tables to the data behind, and one that draws them."""
