-- Times are microseconds since 1970, UTC. `content` is JSON: all of the value that no column holds.

-- `number` is what other tables refer to, shorter than `id`. It is not the rowid: what is erased moves to the end.
CREATE TABLE messages (
  id TEXT NOT NULL PRIMARY KEY,
  number INTEGER NOT NULL UNIQUE,
  account TEXT NOT NULL,
  request_id TEXT NOT NULL,
  request_hash BLOB NOT NULL,
  recipient TEXT NOT NULL,
  sender TEXT NOT NULL,
  case_id TEXT NOT NULL,
  twilio_sid TEXT NOT NULL,
  state TEXT NOT NULL,
  wait_state TEXT,
  create_time INTEGER NOT NULL,
  due INTEGER,
  end_time INTEGER,
  content_erased INTEGER NOT NULL DEFAULT 0,
  revision INTEGER NOT NULL,
  content TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX messages_by_request ON messages (account, request_id) WHERE request_id <> '';
CREATE UNIQUE INDEX messages_by_sid ON messages (account, twilio_sid) WHERE twilio_sid <> '';
CREATE INDEX messages_by_time ON messages (account, create_time);
CREATE INDEX messages_by_recipient ON messages (account, recipient, create_time);
CREATE INDEX messages_by_case ON messages (account, case_id, create_time) WHERE case_id <> '';
CREATE INDEX messages_open ON messages (account, recipient, create_time) WHERE wait_state = 'OPEN';
-- What the poller looks for is found by sender.
CREATE INDEX messages_asking ON messages (account, sender, create_time) WHERE wait_state = 'OPEN';
CREATE INDEX messages_moving ON messages (account, sender, state, create_time)
WHERE due IS NOT NULL AND state IN ('SENDING', 'UNCONFIRMED', 'OUTCOME_UNKNOWN', 'ACCEPTED', 'QUEUED', 'SENT');
CREATE INDEX messages_pending ON messages (account) WHERE state = 'PENDING';
-- Its entries tell by themselves what kind of alarm it is.
CREATE INDEX messages_due ON messages (due, wait_state, state) WHERE due IS NOT NULL;
-- What has ended is found by when it did, to erase it and then to remove it.
CREATE INDEX messages_ended ON messages (content_erased, end_time) WHERE end_time IS NOT NULL;

-- Without REFERENCES: for each message removed SQLite would look through the whole of labels and of codes.

CREATE TABLE labels (
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  message INTEGER NOT NULL,
  PRIMARY KEY (account, name, value, message)
) STRICT, WITHOUT ROWID;

-- One row for each code that is taken: by an open wait (free_time NULL), or by a closed one until free_time, which
-- also tells when it closed.
CREATE TABLE codes (
  account TEXT NOT NULL,
  recipient TEXT NOT NULL,
  code TEXT NOT NULL,
  message INTEGER NOT NULL,
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

-- With rowids events are only ever appended. Where rows are put between others, SQLite moves their neighbours to other
-- pages, and what stays behind of them in the old ones no secure_delete wipes.
CREATE TABLE events (
  message INTEGER NOT NULL REFERENCES messages (number),
  sequence INTEGER NOT NULL,
  time INTEGER NOT NULL,
  kind TEXT NOT NULL,
  content TEXT NOT NULL,
  result TEXT,
  PRIMARY KEY (message, sequence)
) STRICT;

CREATE TABLE inbound (
  account TEXT NOT NULL,
  twilio_sid TEXT NOT NULL,
  sender TEXT NOT NULL,
  disposition TEXT NOT NULL,
  receive_time INTEGER NOT NULL,
  content_erased INTEGER NOT NULL DEFAULT 0,
  content TEXT NOT NULL,
  PRIMARY KEY (account, twilio_sid)
) STRICT;

CREATE INDEX inbound_by_time ON inbound (account, receive_time, twilio_sid);
CREATE INDEX inbound_by_sender ON inbound (account, sender, receive_time, twilio_sid);
CREATE INDEX inbound_kept ON inbound (content_erased, receive_time);
CREATE INDEX inbound_opt_outs ON inbound (receive_time) WHERE disposition = 'OPT_OUT';

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

-- How many messages an account took on a day of UTC (days since 0001-01-01).
CREATE TABLE days (
  account TEXT NOT NULL,
  day INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  PRIMARY KEY (account, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE secret (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  value BLOB NOT NULL
) STRICT;
