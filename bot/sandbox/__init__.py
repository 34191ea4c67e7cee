"""Local stand-ins for the outside world: pretend providers that answer with real audio and real covers."""
