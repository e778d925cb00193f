-- When jobs are to run, and what became of each time.
-- The same tables as ../sqlite, type for type.

-- What is known of a job's schedule.
CREATE TABLE jobblage (
  job TEXT PRIMARY KEY,
  -- As the job's file said when it was last read.
  schedule TEXT,
  -- Every time up to here is in tillfalle.
  planned_until TIMESTAMPTZ NOT NULL,
  paused_at TIMESTAMPTZ,
  paused_by TEXT,
  paused_reason TEXT,
  -- What is wrong with the job's file, while the last one that could be read goes on.
  broken TEXT,
  broken_since TIMESTAMPTZ
);

-- A time at which a job is to run: by its schedule, because something arrived, or because a person asked.
CREATE TABLE tillfalle (
  nr BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('schedule', 'arrival', 'manual', 'backfill')),
  due TIMESTAMPTZ NOT NULL,
  -- A backfill's days, the second one not included; empty otherwise.
  window_from TEXT NOT NULL,
  window_to TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('planned', 'running', 'done', 'held', 'failed', 'skipped')),
  -- It begins no earlier than this: a delay that spreads runs, a pause before a new try.
  ready TIMESTAMPTZ NOT NULL,
  pool TEXT,
  -- Runs that failed, and runs whose process was lost.
  failures BIGINT NOT NULL DEFAULT 0,
  lost BIGINT NOT NULL DEFAULT 0,
  run TEXT,
  holder TEXT,
  fence BIGINT,
  began TIMESTAMPTZ,
  ended TIMESTAMPTZ,
  reason TEXT,
  asked_by TEXT,
  UNIQUE (job, kind, due, window_from)
);
CREATE INDEX tillfalle_oppet ON tillfalle (state) WHERE state IN ('planned', 'running');
CREATE INDEX tillfalle_jobb ON tillfalle (job, nr);

-- Every change of its state.
CREATE TABLE tillfalle_steg (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tillfalle BIGINT NOT NULL REFERENCES tillfalle (nr),
  at TIMESTAMPTZ NOT NULL,
  from_state TEXT,
  to_state TEXT NOT NULL,
  reason TEXT,
  holder TEXT,
  run TEXT
);
CREATE INDEX tillfalle_steg_av ON tillfalle_steg (tillfalle);

