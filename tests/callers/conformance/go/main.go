// The runner in Go: the generated stubs on grpc-go. runners.py says what a runner does. Usage: go run . SERVER
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	textback "github.com/textback/textback/generated/go/textback/v1"
)

type told struct {
	ID       string          `json:"id"`
	Method   string          `json:"method"`
	Request  json.RawMessage `json:"request"`
	Deadline float64         `json:"deadline"`
	Cut      int             `json:"cut"`
	Cancel   bool            `json:"cancel"`
}

type line map[string]any

var output sync.Mutex

func tell(said line) {
	output.Lock()
	defer output.Unlock()
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		panic(err)
	}
}

// method makes a call with a request in JSON, and hands each response on until there are no more.
type method func(ctx context.Context, request []byte, each func(proto.Message)) error

type message[T any] interface {
	*T
	proto.Message
}

func unary[Q any, R proto.Message, PQ message[Q]](call func(context.Context, PQ, ...grpc.CallOption) (R, error)) method {
	return func(ctx context.Context, request []byte, each func(proto.Message)) error {
		asked := PQ(new(Q))
		if err := protojson.Unmarshal(request, asked); err != nil {
			return err
		}
		response, err := call(ctx, asked)
		if err == nil {
			each(response)
		}
		return err
	}
}

func stream[Q, R any, PQ message[Q], PR message[R]](call func(context.Context, PQ, ...grpc.CallOption) (grpc.ServerStreamingClient[R], error)) method {
	return func(ctx context.Context, request []byte, each func(proto.Message)) error {
		asked := PQ(new(Q))
		if err := protojson.Unmarshal(request, asked); err != nil {
			return err
		}
		responses, err := call(ctx, asked)
		for err == nil {
			var response *R
			if response, err = responses.Recv(); err == nil {
				each(PR(response))
			}
		}
		if err == io.EOF {
			return nil
		}
		return err
	}
}

func main() {
	connection, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		panic(err)
	}
	client := textback.NewSmsServiceClient(connection)
	methods := map[string]method{
		"Ping":           unary(client.Ping),
		"SendSms":        unary(client.SendSms),
		"SendSmsAndWait": stream(client.SendSmsAndWait),
		"WatchMessage":   stream(client.WatchMessage),
		"GetMessage":     unary(client.GetMessage),
		"ListMessages":   unary(client.ListMessages),
		"ListInbound":    unary(client.ListInbound),
		"CancelWait":     unary(client.CancelWait),
	}
	cancels := map[string]context.CancelFunc{}
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		var call told
		if err := json.Unmarshal(input.Bytes(), &call); err != nil {
			panic(err)
		}
		if call.Cancel {
			cancels[call.ID]()
			continue
		}
		ctx, cancel := context.WithCancel(context.Background())
		if call.Deadline > 0 {
			ctx, cancel = context.WithTimeout(ctx, time.Duration(call.Deadline*float64(time.Second)))
		}
		cancels[call.ID] = cancel
		go run(ctx, cancel, methods[call.Method], call)
	}
}

// run makes one call to its end, or until it is cut.
func run(ctx context.Context, cancel context.CancelFunc, make method, call told) {
	responses := 0
	err := make(ctx, call.Request, func(response proto.Message) {
		if responses++; call.Cut > 0 && responses > call.Cut {
			return // came between the cut and its effect
		}
		tell(line{"id": call.ID, "response": json.RawMessage(protojson.MarshalOptions{}.Format(response))})
		if responses == call.Cut {
			cancel()
		}
	})
	ended := status.Convert(err)
	tell(line{"id": call.ID, "code": name(ended.Code()), "message": ended.Message(), "details": details(ended)})
}

func details(ended *status.Status) line {
	said := line{}
	for _, detail := range ended.Details() {
		switch found := detail.(type) {
		case *errdetails.ErrorInfo:
			said["reason"], said["domain"], said["metadata"] = found.Reason, found.Domain, found.Metadata
		case *errdetails.BadRequest:
			violations := map[string]string{}
			for _, violation := range found.FieldViolations {
				violations[violation.Field] = violation.Description
			}
			said["violations"] = violations
		case *errdetails.RetryInfo:
			said["retry_after"] = found.RetryDelay.AsDuration().Seconds()
		case *errdetails.Help:
			said["help"] = found.Links[0].Url
		}
	}
	return said
}

// name is a code as the specification spells it.
func name(code codes.Code) string {
	var spelled strings.Builder
	if code == codes.OK {
		return "OK"
	}
	for index, letter := range strings.ReplaceAll(code.String(), "Canceled", "Cancelled") {
		if index > 0 && letter >= 'A' && letter <= 'Z' {
			spelled.WriteByte('_')
		}
		spelled.WriteRune(letter)
	}
	return strings.ToUpper(spelled.String())
}
