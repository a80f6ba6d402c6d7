"""What a reviewer checks of a checkout: pipeline, paper, environment, results."""
