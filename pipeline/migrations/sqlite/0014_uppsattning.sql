-- A digest of how the national tables, their guards and their views were last made: where it is that of the program,
-- opening the register writes nothing.
CREATE TABLE uppsattning (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  digest TEXT NOT NULL
) STRICT;
