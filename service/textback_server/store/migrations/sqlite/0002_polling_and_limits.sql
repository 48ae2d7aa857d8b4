-- What the poller looks for is found by sender; limits are counted.

ALTER TABLE messages ADD COLUMN sender TEXT NOT NULL DEFAULT '';
UPDATE messages SET sender = json_extract(content, '$.sms.sender');

CREATE INDEX messages_asking ON messages (account, sender, create_time) WHERE wait_state = 'OPEN';
CREATE INDEX messages_moving ON messages (account, sender, state, create_time)
WHERE due IS NOT NULL AND state IN ('SENDING', 'UNCONFIRMED', 'OUTCOME_UNKNOWN', 'ACCEPTED', 'QUEUED', 'SENT');
CREATE INDEX messages_pending ON messages (account) WHERE state = 'PENDING';

-- Its entries tell by themselves what kind of alarm it is.
DROP INDEX messages_due;
CREATE INDEX messages_due ON messages (due, wait_state, state) WHERE due IS NOT NULL;

-- How many messages an account took on a day of UTC (days since 0001-01-01).
CREATE TABLE days (
  account TEXT NOT NULL,
  day INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  PRIMARY KEY (account, day)
) STRICT, WITHOUT ROWID;
