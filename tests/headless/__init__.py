"""Forms without a screen."""
