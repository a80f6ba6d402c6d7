"""The report on someone's own conversations: what it says, shows and looks like."""
