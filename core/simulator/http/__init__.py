"""The simulator's servers, and the faults they inject."""
