"""The worker process: its tasks, their schedule, their lanes."""
