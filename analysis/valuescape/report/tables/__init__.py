"""The paper's tables as Markdown, each from results."""
