#!/bin/sh
# Asks a yes-or-no question with buf curl, prints each event, and exits 0 once there is one that is the last.
# Usage: ask.sh RECIPIENT QUESTION, in this project's folder. TEXTBACK_SERVER names the server, by default 127.0.0.1:50051.
#
# A broken stream is repeated with the same request_id: that sends nothing, and replays the events from the first.
set -eu
request_id=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
quoted() { printf '%s' "$1" | sed 's/[\\"]/\\&/g'; }
request=$(printf '{"requestId":"%s","sms":{"recipient":"%s","body":"%s"},"wait":{"replyTimeout":"600s","choices":[{"value":"yes"},{"value":"no"}]}}' \
  "$request_id" "$(quoted "$1")" "$(quoted "$2")")
for _ in 1 2 3 4 5 6 7 8 9 10; do
  code=0
  "${BUF:-buf}" curl --schema proto --protocol grpc --http2-prior-knowledge -d "$request" \
    "http://${TEXTBACK_SERVER:-127.0.0.1:50051}/textback.v1.SmsService/SendSmsAndWait" || code=$?
  # buf exits with 8 times the gRPC code: UNAVAILABLE is 14.
  case $code in
    112) echo "connection lost, asking again" >&2; sleep 1 ;;
    *) exit "$code" ;;
  esac
done
exit "$code"
