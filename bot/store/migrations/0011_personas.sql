-- 2026-11-21. Personas: voices made from tracks, each under a name that is one member's own in one server.

CREATE TABLE personas (
    id         TEXT PRIMARY KEY,
    member_id  INTEGER NOT NULL,
    -- Where it was made and can be used; NULL in direct messages.
    guild_id   INTEGER,
    name       TEXT NOT NULL,
    -- The name without its capitals and spaces, which tell no two apart.
    name_key   TEXT NOT NULL,
    provider   TEXT NOT NULL,
    -- The provider's own name of it. Empty from before it is asked until it has answered.
    persona_id TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX personas_of_member ON personas (member_id, coalesce(guild_id, 0), name_key);
CREATE INDEX personas_of_server ON personas (guild_id) WHERE guild_id IS NOT NULL;
