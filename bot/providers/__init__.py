"""The music vendors: each one's words in a module, and the HTTP they share."""
