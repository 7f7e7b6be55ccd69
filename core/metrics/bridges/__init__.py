"""Why one period differs from another: terms that add up to the difference, to the cent."""
