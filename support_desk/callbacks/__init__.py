"""Callbacks: slots and seats, bookings, attempts, and the telephony behind them."""
