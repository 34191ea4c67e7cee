"""Minstrel: a Discord bot that makes music and never loses a track."""
