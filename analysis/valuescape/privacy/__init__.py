"""What hides persons in conversations before anything leaves the machine."""
