// Ask a person by text message, and get the answer back.
//
//	go run . ping
//	go run . send +14155550123 "Backup finished."
//	go run . ask +14155550123 "Isolate host web-03?" yes no
//	go run . watch msg_01m80dkhjdg64dkxvhht2cfksv 3
//	go run . cancel msg_01m80dkhjdg64dkxvhht2cfksv
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
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/durationpb"

	textback "github.com/textback/textback/generated/go/textback/v1"
)

const (
	usage        = "usage: ping | send RECIPIENT TEXT | ask RECIPIENT QUESTION [CHOICE ...] | watch MESSAGE [AFTER] | cancel MESSAGE"
	callLimit    = 20 * time.Second // of a call with one answer
	replyTimeout = 10 * time.Minute // of a question, kept by the server
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch err := run(ctx, os.Args[1:]); {
	case err == nil:
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(130)
	default:
		fmt.Fprintln(os.Stderr, explained(err))
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	connection, err := connect(cmp.Or(os.Getenv("TEXTBACK_SERVER"), "127.0.0.1:50051"))
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
	case (len(args) == 2 || len(args) == 3) && args[0] == "watch":
		after, err := strconv.ParseUint(append(args, "0")[2], 10, 32)
		if err != nil {
			return errors.New(usage)
		}
		return answer(follow(ctx, client, &position{message: args[1], sequence: uint32(after)}))
	case len(args) == 2 && args[0] == "cancel":
		return cancel(ctx, client, args[1])
	}
	return errors.New(usage)
}

func ping(ctx context.Context, client textback.SmsServiceClient) error {
	ctx, stop := context.WithTimeout(ctx, callLimit)
	defer stop()
	// A server that is just starting is waited for, up to the deadline.
	response, err := client.Ping(ctx, &textback.PingRequest{}, grpc.WaitForReady(true))
	if err != nil {
		return err
	}
	fmt.Println(protojson.Format(response))
	return nil
}

func send(ctx context.Context, client textback.SmsServiceClient, recipient, body string) error {
	// The request id makes the call safe to repeat: with the same one, nothing is sent twice.
	request := &textback.SendSmsRequest{
		RequestId: rand.Text(),
		Sms:       &textback.Sms{Recipient: recipient, Body: body},
	}
	ctx, stop := context.WithTimeout(ctx, callLimit)
	defer stop()
	for attempt := 0; ; attempt++ {
		response, err := client.SendSms(ctx, request)
		if err == nil {
			fmt.Println(response.Message.MessageId, response.Message.State)
			return nil
		}
		if err := pause(ctx, err, attempt); err != nil {
			return err
		}
	}
}

func ask(ctx context.Context, client textback.SmsServiceClient, recipient, question string, choices []string) error {
	request := &textback.SendSmsAndWaitRequest{
		RequestId: rand.Text(),
		Sms:       &textback.Sms{Recipient: recipient, Body: question},
		Wait:      &textback.WaitOptions{ReplyTimeout: durationpb.New(replyTimeout)},
	}
	for _, choice := range choices {
		request.Wait.Choices = append(request.Wait.Choices, &textback.Choice{Value: choice})
	}
	// The deadline is this program's patience. It leaves the question open, so it is longer than the question is.
	ctx, stop := context.WithTimeout(ctx, replyTimeout+time.Minute)
	defer stop()
	return answer(follow(ctx, client, &position{request: request}))
}

// answer prints what the person decided.
func answer(result *textback.Result, err error) error {
	if err != nil {
		return err
	}
	if result.Outcome != textback.Outcome_OUTCOME_REPLIED {
		return fmt.Errorf("no answer: %v %v", result.Outcome, result.Failure.GetMessage())
	}
	fmt.Println(cmp.Or(result.Choice, result.Text))
	return nil
}

func cancel(ctx context.Context, client textback.SmsServiceClient, message string) error {
	ctx, stop := context.WithTimeout(ctx, callLimit)
	defer stop()
	response, err := client.CancelWait(ctx, &textback.CancelWaitRequest{MessageId: message})
	if err != nil {
		return err
	}
	fmt.Println(response.Message.Wait.State)
	return nil
}
