"""The explorer: one page that holds every association and needs no server."""
