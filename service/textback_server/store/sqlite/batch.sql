-- A row of `batch` is one thing to write, and one INSERT of many of them is one step for SQLite, for which Python gives
-- its lock away once. A row that may not be written undoes them all and says why, in the words that are raised here or in
-- SQLite's own: that a request_id made a message before, its index says. Columns are those of `batch.Row`.

CREATE TEMP TRIGGER put_message INSTEAD OF INSERT ON batch WHEN NEW.what = 'message' BEGIN
  SELECT CASE
    WHEN EXISTS (
      SELECT 1 FROM opt_outs
      WHERE account = NEW.account AND person = NEW.recipient AND sender = NEW.sender AND time > NEW.blocked_since
    ) THEN RAISE(ABORT, 'blocked')
    -- A limit is kept inside the message's own transaction: however many come at once, it is one.
    WHEN NEW.per_recipient <= (
      SELECT count(*) FROM (
        SELECT 1 FROM messages
        WHERE account = NEW.account AND recipient = NEW.recipient AND create_time > NEW.hour_ago
        LIMIT coalesce(NEW.per_recipient, 0)
      )
    ) THEN RAISE(ABORT, 'per recipient')
    WHEN NEW.pending <= (
      SELECT count(*) FROM (
        SELECT 1 FROM messages WHERE account = NEW.account AND state = 'PENDING' LIMIT coalesce(NEW.pending, 0)
      )
    ) THEN RAISE(ABORT, 'pending')
    WHEN NEW.per_day <= (
      SELECT messages FROM days WHERE account = NEW.account AND day = NEW.day
    ) THEN RAISE(ABORT, 'per day')
  END;
  INSERT INTO days (account, day, messages)
  SELECT NEW.account, NEW.day, 1 WHERE NEW.per_day IS NOT NULL
  ON CONFLICT DO UPDATE SET messages = messages + 1;
  INSERT INTO messages
    (number, id, account, request_id, request_hash, recipient, sender, case_id, create_time, twilio_sid, state,
     wait_state, due, revision, content)
  SELECT coalesce(max(number), 0) + 1, NEW.id, NEW.account, NEW.request_id, NEW.request_hash, NEW.recipient,
    NEW.sender, NEW.case_id, NEW.create_time, NEW.twilio_sid, NEW.state, NEW.wait_state, NEW.due, NEW.revision,
    NEW.content
  FROM messages;
  INSERT INTO events (message, sequence, time, kind, content, result)
  SELECT number, NEW.sequence, NEW.time, NEW.kind, NEW.event, NEW.result FROM messages WHERE id = NEW.id;
  -- A code is free if it is not taken, does not begin or end with one that is, and is not shorter than one that is.
  DELETE FROM codes WHERE account = NEW.account AND recipient = NEW.recipient AND free_time <= NEW.now;
  SELECT RAISE(ABORT, 'code taken') WHERE EXISTS (
    SELECT 1 FROM code_lengths
    WHERE account = NEW.account AND recipient = NEW.recipient AND length > length(NEW.code)
  ) OR EXISTS (
    SELECT 1 FROM codes
    WHERE account = NEW.account AND recipient = NEW.recipient AND code IN (SELECT value FROM json_each(NEW.excluded))
  );
  INSERT INTO codes (account, recipient, code, message)
  SELECT NEW.account, NEW.recipient, NEW.code, number FROM messages WHERE id = NEW.id AND NEW.code IS NOT NULL;
END;

CREATE TEMP TRIGGER put_label INSTEAD OF INSERT ON batch WHEN NEW.what = 'label' BEGIN
  INSERT INTO labels (account, name, value, message)
  SELECT NEW.account, NEW.name, NEW.value, number FROM messages WHERE id = NEW.id;
END;

CREATE TEMP TRIGGER put_change INSTEAD OF INSERT ON batch WHEN NEW.what = 'change' BEGIN
  UPDATE messages
  SET state = NEW.state, wait_state = NEW.wait_state, due = NEW.due, revision = NEW.revision, content = NEW.content
  WHERE id = NEW.id AND revision = NEW.old_revision;
  SELECT RAISE(ABORT, 'changed') WHERE changes() = 0;
  -- Apart, for an index is written to for each column that is set.
  UPDATE messages SET twilio_sid = NEW.twilio_sid WHERE id = NEW.id AND twilio_sid <> NEW.twilio_sid;
  UPDATE messages SET end_time = NEW.end_time WHERE id = NEW.id AND end_time IS NULL AND NEW.end_time IS NOT NULL;
  UPDATE codes SET free_time = NEW.free_time
  WHERE account = NEW.account AND recipient = NEW.recipient AND code = NEW.code AND NEW.free_time IS NOT NULL;
  INSERT INTO events (message, sequence, time, kind, content, result)
  SELECT number, NEW.sequence, NEW.time, NEW.kind, NEW.event, NEW.result FROM messages WHERE id = NEW.id AND NEW.sequence IS NOT NULL;
END;

CREATE TEMP TRIGGER put_event INSTEAD OF INSERT ON batch WHEN NEW.what = 'event' BEGIN
  INSERT INTO events (message, sequence, time, kind, content, result)
  SELECT number, NEW.sequence, NEW.time, NEW.kind, NEW.event, NEW.result FROM messages WHERE id = NEW.id;
END;

CREATE TEMP TRIGGER put_inbound INSTEAD OF INSERT ON batch WHEN NEW.what = 'inbound' BEGIN
  INSERT INTO inbound (account, twilio_sid, sender, disposition, receive_time, content)
  VALUES (NEW.account, NEW.twilio_sid, NEW.sender, NEW.disposition, NEW.time, NEW.content)
  ON CONFLICT DO NOTHING;
  SELECT RAISE(ABORT, 'received') WHERE changes() = 0;
END;

CREATE TEMP TRIGGER put_spoken_to INSTEAD OF INSERT ON batch WHEN NEW.what = 'spoken to' BEGIN
  INSERT INTO spoken_to (account, message_id, twilio_sid) VALUES (NEW.account, NEW.id, NEW.twilio_sid);
END;
