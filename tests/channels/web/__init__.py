"""The pages, asked in memory: real rooms behind them, no socket, no script."""
