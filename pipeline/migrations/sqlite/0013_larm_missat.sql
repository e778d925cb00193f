-- Who could not be reached when others were told that something is wrong: they are told as soon as they can be.
CREATE TABLE larm_missat (
  name TEXT NOT NULL,
  receiver TEXT NOT NULL,
  PRIMARY KEY (name, receiver)
) STRICT;
