#!/bin/sh
# Asks a yes-or-no question with grpcurl, prints each event, and exits 0 once there is one that is the last.
# Usage: ask.sh RECIPIENT QUESTION. TEXTBACK_SERVER names the server, by default 127.0.0.1:50051.
#
# A broken stream is repeated with the same request_id: that sends nothing, and replays the events from the first.
set -eu
request_id=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
quoted() { printf '%s' "$1" | sed 's/[\\"]/\\&/g'; }
request=$(printf '{"request_id":"%s","sms":{"recipient":"%s","body":"%s"},"wait":{"reply_timeout":"600s","choices":[{"value":"yes"},{"value":"no"}]}}' \
  "$request_id" "$(quoted "$1")" "$(quoted "$2")")
for _ in 1 2 3 4 5 6 7 8 9 10; do
  code=0
  grpcurl -plaintext -max-time 660 -d "$request" "${TEXTBACK_SERVER:-127.0.0.1:50051}" \
    textback.v1.SmsService/SendSmsAndWait || code=$?
  # grpcurl exits with 64 + the gRPC code: UNAVAILABLE is 14. Without a connection it exits with 1.
  case $code in
    1 | 78) echo "connection lost, asking again" >&2; sleep 1 ;;
    *) exit "$code" ;;
  esac
done
exit "$code"
