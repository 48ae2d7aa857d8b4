// Ask a person by text message, and get the answer back.
//
//	go run . ping
//	go run . send +14155550123 "Backup finished."
//	go run . ask +14155550123 "Isolate host web-03?" yes no
//
// TEXTBACK_SERVER names the server, by default 127.0.0.1:50051. Progress goes to standard error, the answer to
// standard output.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/durationpb"

	textback "github.com/textback/textback/generated/go/textback/v1"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	server := cmp.Or(os.Getenv("TEXTBACK_SERVER"), "127.0.0.1:50051")
	connection, err := grpc.NewClient(server, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	client := textback.NewSmsServiceClient(connection)

	switch {
	case len(args) == 1 && args[0] == "ping":
		return ping(ctx, client)
	case len(args) == 3 && args[0] == "send":
		return send(ctx, client, args[1], args[2])
	case len(args) >= 3 && args[0] == "ask":
		return ask(ctx, client, args[1], args[2], args[3:])
	}
	return errors.New("usage: ping | send RECIPIENT TEXT | ask RECIPIENT QUESTION [CHOICE ...]")
}

func ping(ctx context.Context, client textback.SmsServiceClient) error {
	response, err := client.Ping(ctx, &textback.PingRequest{})
	if err != nil {
		return err
	}
	fmt.Println(protojson.Format(response))
	return nil
}

func send(ctx context.Context, client textback.SmsServiceClient, recipient, body string) error {
	response, err := client.SendSms(ctx, &textback.SendSmsRequest{
		RequestId: rand.Text(),
		Sms:       &textback.Sms{Recipient: recipient, Body: body},
	})
	if err != nil {
		return err
	}
	fmt.Println(response.Message.MessageId, response.Message.State)
	return nil
}

func ask(ctx context.Context, client textback.SmsServiceClient, recipient, question string, choices []string) error {
	// The request id makes the call safe to repeat: the same one attaches to the question that is already open.
	request := &textback.SendSmsAndWaitRequest{
		RequestId: rand.Text(),
		Sms:       &textback.Sms{Recipient: recipient, Body: question},
		Wait:      &textback.WaitOptions{ReplyTimeout: durationpb.New(10 * time.Minute)},
	}
	for _, choice := range choices {
		request.Wait.Choices = append(request.Wait.Choices, &textback.Choice{Value: choice})
	}
	var seen uint32
	for {
		result, err := follow(ctx, client, request, &seen)
		if seen > 0 && status.Code(err) == codes.Unavailable {
			fmt.Fprintln(os.Stderr, "connection lost, picking it up again:", err)
			time.Sleep(time.Second)
			continue
		}
		if err != nil {
			return err
		}
		if result.Outcome != textback.Outcome_OUTCOME_REPLIED {
			return fmt.Errorf("no answer: %v %v", result.Outcome, result.Failure.GetMessage())
		}
		fmt.Println(cmp.Or(result.Choice, result.Text))
		return nil
	}
}

// follow reports each event after `seen`, and returns the result that the last one carries.
func follow(ctx context.Context, client textback.SmsServiceClient, request *textback.SendSmsAndWaitRequest, seen *uint32) (*textback.Result, error) {
	stream, err := client.SendSmsAndWait(ctx, request)
	if err != nil {
		return nil, err
	}
	for {
		response, err := stream.Recv()
		if err != nil {
			return nil, err
		}
		event := response.Event
		if event.Sequence > *seen {
			*seen = event.Sequence
			fmt.Fprintln(os.Stderr, protojson.MarshalOptions{}.Format(event))
		}
		if event.Terminal {
			return event.Result, nil
		}
	}
}
