"""Who asks, and what they may: roles, scopes, keys, tokens, rates."""
