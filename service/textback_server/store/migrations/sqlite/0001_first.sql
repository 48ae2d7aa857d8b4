-- Times are microseconds since 1970, UTC. `content` is the whole value as JSON; the columns beside it are what is
-- searched for, copied out of it.

CREATE TABLE messages (
  id TEXT NOT NULL PRIMARY KEY,
  account TEXT NOT NULL,
  request_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  case_id TEXT NOT NULL,
  twilio_sid TEXT NOT NULL,
  state TEXT NOT NULL,
  wait_state TEXT,
  create_time INTEGER NOT NULL,
  due INTEGER,
  close_time INTEGER,
  revision INTEGER NOT NULL,
  content TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX messages_by_request ON messages (account, request_id) WHERE request_id <> '';
CREATE UNIQUE INDEX messages_by_sid ON messages (account, twilio_sid) WHERE twilio_sid <> '';
CREATE INDEX messages_by_time ON messages (account, create_time, id);
CREATE INDEX messages_by_recipient ON messages (account, recipient, create_time, id);
CREATE INDEX messages_by_case ON messages (account, case_id, create_time, id) WHERE case_id <> '';
CREATE INDEX messages_open ON messages (account, recipient, create_time, id) WHERE wait_state = 'OPEN';
CREATE INDEX messages_closed ON messages (account, recipient, close_time) WHERE close_time IS NOT NULL;
CREATE INDEX messages_due ON messages (due) WHERE due IS NOT NULL;

CREATE TABLE labels (
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  message_id TEXT NOT NULL REFERENCES messages (id),
  PRIMARY KEY (account, name, value, message_id)
) STRICT, WITHOUT ROWID;

-- One row for each code that is taken: by an open wait (free_time NULL), or by a closed one until free_time.
CREATE TABLE codes (
  account TEXT NOT NULL,
  recipient TEXT NOT NULL,
  code TEXT NOT NULL,
  message_id TEXT NOT NULL REFERENCES messages (id),
  free_time INTEGER,
  PRIMARY KEY (account, recipient, code)
) STRICT, WITHOUT ROWID;

CREATE INDEX codes_to_free ON codes (account, recipient, free_time) WHERE free_time IS NOT NULL;
CREATE INDEX codes_open ON codes (account, code) WHERE free_time IS NULL;

-- How many rows of `codes` a recipient has of each length, so that nobody counts them.
CREATE TABLE code_lengths (
  account TEXT NOT NULL,
  recipient TEXT NOT NULL,
  length INTEGER NOT NULL,
  codes INTEGER NOT NULL,
  PRIMARY KEY (account, recipient, length)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER code_taken AFTER INSERT ON codes BEGIN
  INSERT INTO code_lengths (account, recipient, length, codes) VALUES (NEW.account, NEW.recipient, length(NEW.code), 1)
  ON CONFLICT DO UPDATE SET codes = codes + 1;
END;

CREATE TRIGGER code_freed AFTER DELETE ON codes BEGIN
  UPDATE code_lengths SET codes = codes - 1
  WHERE account = OLD.account AND recipient = OLD.recipient AND length = length(OLD.code);
  DELETE FROM code_lengths
  WHERE account = OLD.account AND recipient = OLD.recipient AND length = length(OLD.code) AND codes = 0;
END;

CREATE TABLE events (
  message_id TEXT NOT NULL REFERENCES messages (id),
  sequence INTEGER NOT NULL,
  time INTEGER NOT NULL,
  kind TEXT NOT NULL,
  content TEXT NOT NULL,
  result TEXT,
  PRIMARY KEY (message_id, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE inbound (
  account TEXT NOT NULL,
  twilio_sid TEXT NOT NULL,
  sender TEXT NOT NULL,
  disposition TEXT NOT NULL,
  receive_time INTEGER NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (account, twilio_sid)
) STRICT;

CREATE INDEX inbound_by_time ON inbound (account, receive_time, twilio_sid);
CREATE INDEX inbound_by_sender ON inbound (account, sender, receive_time, twilio_sid);

-- Which messages an inbound SMS spoke to: those that it answered or failed to, by code or in doubt.
CREATE TABLE spoken_to (
  account TEXT NOT NULL,
  message_id TEXT NOT NULL,
  twilio_sid TEXT NOT NULL,
  PRIMARY KEY (account, message_id, twilio_sid)
) STRICT, WITHOUT ROWID;

-- `sender` is ours, a number or a Messaging Service SID; `time` is when the person last opted out of it.
CREATE TABLE opt_outs (
  account TEXT NOT NULL,
  person TEXT NOT NULL,
  sender TEXT NOT NULL,
  time INTEGER NOT NULL,
  PRIMARY KEY (account, person, sender)
) STRICT, WITHOUT ROWID;

-- How many notices a person got within an hour of `start`, the first of them.
CREATE TABLE notices (
  account TEXT NOT NULL,
  person TEXT NOT NULL,
  start INTEGER NOT NULL,
  notices INTEGER NOT NULL,
  PRIMARY KEY (account, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE secret (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  value BLOB NOT NULL
) STRICT;
