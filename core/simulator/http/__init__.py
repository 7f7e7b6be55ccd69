"""The simulator's servers, and the faults that they inject."""
