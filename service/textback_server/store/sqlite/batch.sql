-- Rows are put down in `batch`; one more row then has them written, each table's by one statement. All of it is one
-- INSERT, one step for SQLite, for which Python gives its lock away once. What may not be written undoes them all and
-- says why, in the words that are raised here or in SQLite's own: that a request_id made a message before, its index
-- says. Rows do not see what others of their statement write: `Rows.touches` keeps apart what may not come together, and a
-- message that is changed twice is refused.
-- Columns are those of `batch.Row`.

CREATE TEMP TRIGGER put_inbound AFTER INSERT ON batch WHEN NEW.what = 'put inbound' BEGIN
  INSERT INTO inbound (account, twilio_sid, sender, disposition, receive_time, content)
  SELECT account, twilio_sid, sender, disposition, time, content FROM batch WHERE what = 'inbound'
  ON CONFLICT DO NOTHING;
  SELECT RAISE(ABORT, 'received') WHERE changes() < (SELECT count(*) FROM batch WHERE what = 'inbound');
  INSERT INTO spoken_to (account, message_id, twilio_sid)
  SELECT account, id, twilio_sid FROM batch WHERE what = 'spoken to';
END;

CREATE TEMP TRIGGER put_messages AFTER INSERT ON batch WHEN NEW.what = 'put messages' BEGIN
  SELECT RAISE(ABORT, 'blocked') FROM batch CROSS JOIN opt_outs
    ON opt_outs.account = batch.account AND opt_outs.person = batch.recipient AND opt_outs.sender = batch.sender
  WHERE batch.what = 'message' AND opt_outs.time > batch.blocked_since;
  -- Limits are kept inside the messages' own transaction: however many come at once, a limit is one.
  SELECT RAISE(ABORT, 'per recipient') FROM batch
  WHERE what = 'message' AND per_recipient > 0 AND per_recipient <= (
    SELECT count(*) FROM messages
    WHERE account = batch.account AND recipient = batch.recipient AND create_time > batch.hour_ago
  );
  SELECT RAISE(ABORT, 'pending') FROM (
    SELECT account AS whose, min(pending) - count(*) + 1 AS room FROM batch  -- the others may all be held back
    WHERE what = 'message' AND pending > 0 GROUP BY account
  )
  WHERE room <= (SELECT count(*) FROM messages WHERE account = whose AND state = 'PENDING');
  INSERT INTO days (account, day, messages)
  SELECT account, day, count(*) FROM batch WHERE what = 'message' AND per_day > 0 GROUP BY account, day
  ON CONFLICT DO UPDATE SET messages = messages + excluded.messages;
  SELECT RAISE(ABORT, 'per day') FROM batch CROSS JOIN days ON days.account = batch.account AND days.day = batch.day
  WHERE batch.what = 'message' AND batch.per_day > 0 AND days.messages > batch.per_day;
  INSERT INTO messages
    (number, id, account, request_id, request_hash, recipient, sender, case_id, create_time, twilio_sid, state,
     wait_state, due, revision, content)
  SELECT (SELECT coalesce(max(number), 0) FROM messages) + row_number() OVER (ORDER BY rowid), id, account, request_id,
    request_hash, recipient, sender, case_id, create_time, twilio_sid, state, nullif(wait_state, ''), nullif(due, 0),
    revision, content
  FROM batch WHERE what = 'message';
  INSERT INTO labels (account, name, value, message)
  SELECT batch.account, batch.name, batch.value, messages.number
  FROM batch CROSS JOIN messages ON messages.id = batch.id WHERE batch.what = 'label';
  -- A code is free if it is not taken, does not begin or end with one that is, and is not shorter than one that is.
  DELETE FROM codes WHERE (account, recipient, code) IN (
    SELECT past.account, past.recipient, past.code FROM batch CROSS JOIN codes AS past
      ON past.account = batch.account AND past.recipient = batch.recipient AND past.free_time <= batch.now
    WHERE batch.what = 'message' AND batch.code <> ''
  );
  SELECT RAISE(ABORT, 'code taken') FROM batch
  WHERE what = 'message' AND code <> '' AND (
    EXISTS (
      SELECT 1 FROM code_lengths
      WHERE account = batch.account AND recipient = batch.recipient AND length > length(batch.code)
    ) OR EXISTS (
      SELECT 1 FROM codes
      WHERE account = batch.account AND recipient = batch.recipient
        AND code IN (SELECT value FROM json_each(batch.excluded))
    )
  );
  INSERT INTO codes (account, recipient, code, message)
  SELECT batch.account, batch.recipient, batch.code, messages.number
  FROM batch CROSS JOIN messages ON messages.id = batch.id WHERE batch.what = 'message' AND batch.code <> '';
END;

CREATE TEMP TRIGGER put_changes AFTER INSERT ON batch WHEN NEW.what = 'put changes' BEGIN
  UPDATE messages
  SET state = batch.state, wait_state = nullif(batch.wait_state, ''), due = nullif(batch.due, 0),
    revision = batch.revision, content = batch.content
  FROM batch WHERE batch.what = 'change' AND messages.id = batch.id AND messages.revision = batch.old_revision;
  SELECT RAISE(ABORT, 'changed') WHERE changes() < (SELECT count(*) FROM batch WHERE what = 'change');
  -- Apart, for an index is written to for each column that is set.
  UPDATE messages SET twilio_sid = batch.twilio_sid
  FROM batch WHERE batch.what = 'change' AND messages.id = batch.id AND messages.twilio_sid <> batch.twilio_sid;
  UPDATE messages SET end_time = batch.end_time
  FROM batch
  WHERE batch.what = 'change' AND batch.end_time <> 0 AND messages.id = batch.id AND messages.end_time IS NULL;
  UPDATE codes SET free_time = batch.free_time
  FROM batch
  WHERE batch.what = 'change' AND batch.free_time <> 0
    AND codes.account = batch.account AND codes.recipient = batch.recipient AND codes.code = batch.code;
END;

-- Comes last: the rows are written.
CREATE TEMP TRIGGER put_events AFTER INSERT ON batch WHEN NEW.what = 'put events' BEGIN
  INSERT INTO events (message, sequence, time, kind, content, result)
  SELECT messages.number, batch.sequence, batch.time, batch.kind, batch.event, nullif(batch.result, '')
  FROM batch CROSS JOIN messages ON messages.id = batch.id WHERE batch.sequence > 0;
  DELETE FROM batch;
END;
