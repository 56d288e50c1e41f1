"""How an agent and a customer are brought together by telephone."""
