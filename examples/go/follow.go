package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	textback "github.com/textback/textback/generated/go/textback/v1"
)

// position is where a message's events are to go on: after sequence, or with the request that asks the question.
type position struct {
	request  *textback.SendSmsAndWaitRequest
	message  string
	sequence uint32
}

// events is a stream of either call.
type events func() (*textback.SmsEvent, error)

// open asks the question, or repeats that with the same request id, until the message is known; then it watches.
func (p *position) open(ctx context.Context, client textback.SmsServiceClient) (events, error) {
	if p.message == "" {
		stream, err := client.SendSmsAndWait(ctx, p.request)
		return func() (*textback.SmsEvent, error) { response, err := stream.Recv(); return response.GetEvent(), err }, err
	}
	stream, err := client.WatchMessage(ctx, &textback.WatchMessageRequest{MessageId: p.message, AfterSequence: p.sequence})
	return func() (*textback.SmsEvent, error) { response, err := stream.Recv(); return response.GetEvent(), err }, err
}

// follow reports each event once, over as many streams as it takes, and returns the result that the last one carries.
func follow(ctx context.Context, client textback.SmsServiceClient, at *position) (*textback.Result, error) {
	for attempt := 0; ; attempt++ {
		before := at.sequence
		result, err := read(ctx, client, at)
		if err == nil {
			return result, nil
		}
		if ctx.Err() != nil && at.message != "" {
			return nil, fmt.Errorf("%w\nthe question stays open; go on with: watch %s %d", err, at.message, at.sequence)
		}
		if at.sequence > before {
			attempt = 0
		}
		if err := pause(ctx, err, attempt); err != nil {
			return nil, err
		}
	}
}

// read takes one stream to its end.
func read(ctx context.Context, client textback.SmsServiceClient, at *position) (*textback.Result, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	next, err := at.open(ctx, client)
	if err != nil {
		return nil, err
	}
	for {
		event, err := next()
		if err != nil {
			return nil, err
		}
		at.message = event.MessageId
		if event.Sequence > at.sequence { // a heartbeat repeats the last number
			at.sequence = event.Sequence
			fmt.Fprintln(os.Stderr, protojson.MarshalOptions{}.Format(event))
		}
		if event.Terminal {
			return event.Result, nil
		}
	}
}

// pause waits before the next attempt, as long as the server says if it says so. It returns the error if none can help.
func pause(ctx context.Context, err error, attempt int) error {
	wait, said := retryAfter(err)
	if !said && status.Code(err) != codes.Unavailable || attempt == 8 {
		return err
	}
	fmt.Fprintln(os.Stderr, "once more, since:", status.Convert(err).Message())
	select {
	case <-ctx.Done():
		return err
	case <-time.After(wait + min(5*time.Second, 100*time.Millisecond<<attempt)):
		return nil
	}
}
