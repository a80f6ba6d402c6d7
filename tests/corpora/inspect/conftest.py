"""The script beside needs Inspect, which the tests do not."""

collect_ignore = ["write_log.py"]
