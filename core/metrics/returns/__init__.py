"""What came back: totals, the orders behind them, causes, and sales by the day of their order."""
