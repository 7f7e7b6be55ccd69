"""The sections of the Profit page in which costs are entered."""
