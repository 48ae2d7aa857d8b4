-- What has ended is found by when it did, to erase it and then to remove it.

ALTER TABLE messages ADD COLUMN end_time INTEGER;
ALTER TABLE messages ADD COLUMN content_erased INTEGER NOT NULL DEFAULT 0;
UPDATE messages SET end_time = (SELECT time FROM events WHERE message_id = messages.id AND result IS NOT NULL);
CREATE INDEX messages_ended ON messages (content_erased, end_time) WHERE end_time IS NOT NULL;

ALTER TABLE inbound ADD COLUMN content_erased INTEGER NOT NULL DEFAULT 0;
CREATE INDEX inbound_kept ON inbound (content_erased, receive_time);
CREATE INDEX inbound_opt_outs ON inbound (receive_time) WHERE disposition = 'OPT_OUT';

-- Without REFERENCES: for each message removed SQLite would look through the whole of labels and of codes.

CREATE TABLE plain_labels (
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  message_id TEXT NOT NULL,
  PRIMARY KEY (account, name, value, message_id)
) STRICT, WITHOUT ROWID;
INSERT INTO plain_labels SELECT account, name, value, message_id FROM labels;
DROP TABLE labels;
ALTER TABLE plain_labels RENAME TO labels;

CREATE TABLE plain_codes (
  account TEXT NOT NULL,
  recipient TEXT NOT NULL,
  code TEXT NOT NULL,
  message_id TEXT NOT NULL,
  free_time INTEGER,
  PRIMARY KEY (account, recipient, code)
) STRICT, WITHOUT ROWID;
INSERT INTO plain_codes SELECT account, recipient, code, message_id, free_time FROM codes;
DROP TABLE codes;
ALTER TABLE plain_codes RENAME TO codes;

CREATE INDEX codes_to_free ON codes (account, recipient, free_time) WHERE free_time IS NOT NULL;
CREATE INDEX codes_open ON codes (account, code) WHERE free_time IS NULL;

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
CREATE TABLE plain_events (
  message_id TEXT NOT NULL REFERENCES messages (id),
  sequence INTEGER NOT NULL,
  time INTEGER NOT NULL,
  kind TEXT NOT NULL,
  content TEXT NOT NULL,
  result TEXT,
  PRIMARY KEY (message_id, sequence)
) STRICT;
INSERT INTO plain_events SELECT message_id, sequence, time, kind, content, result FROM events;
DROP TABLE events;
ALTER TABLE plain_events RENAME TO events;
