package salesforce

import (
	"bytes"
	"context"
	"errors"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// Deployment is how a deployment of metadata ended.
type Deployment struct {
	ID       string
	Status   string // Succeeded, Failed, Canceled, …
	Success  bool
	Failures []DeployFailure
}

// DeployFailure is one component that the org did not take.
type DeployFailure struct {
	Kind    string `json:"componentType"`
	Name    string `json:"fullName"`
	File    string `json:"fileName"`
	Problem string `json:"problem"`
}

// Deploy gives the org a package of metadata (a zip in Metadata API format, up to 39 MB) and waits for the end, once a
// second at first, four times a minute at last. It takes all of the package or nothing; checkOnly only tries.
// It needs an admin's sign-in: "Modify Metadata Through Metadata API Functions" or "Modify All Data".
//
// The error tells that the deployment could not be asked for or followed; one that ended badly is a Deployment without
// Success. The same package may be deployed again.
func (c *Client) Deploy(ctx context.Context, zip []byte, checkOnly bool) (Deployment, error) {
	body, contentType, err := deployBody(zip, checkOnly)
	if err != nil {
		return Deployment{}, localError(codeLocal, err)
	}
	var asked deployAnswer
	err = c.send(ctx, &request{
		purpose: record.Check, method: http.MethodPost, path: c.data("/metadata/deployRequest"), body: body, contentType: contentType,
		repeatable: true, write: true, decode: asked.decode,
	})
	if err != nil {
		return Deployment{}, err
	}
	for pause := time.Second; ; pause = min(2*pause, 15*time.Second) {
		var now deployAnswer
		err := c.send(ctx, &request{
			purpose: record.Check, method: http.MethodGet, path: c.data("/metadata/deployRequest/" + asked.ID + "?includeDetails=true"),
			repeatable: true, decode: now.decode,
		})
		if err != nil {
			return Deployment{ID: asked.ID}, err
		}
		if now.Result.Done {
			return Deployment{ID: asked.ID, Status: now.Result.Status, Success: now.Result.Success, Failures: now.Result.Details.Failures}, nil
		}
		if err := pace.Sleep(ctx, pause); err != nil {
			return Deployment{ID: asked.ID, Status: now.Result.Status}, err
		}
	}
}

// deployAnswer is what both calls answer; the first has no result yet.
type deployAnswer struct {
	ID     string `json:"id"`
	Result struct {
		Status  string `json:"status"`
		Done    bool   `json:"done"`
		Success bool   `json:"success"`
		Details struct {
			Failures []DeployFailure `json:"componentFailures"`
		} `json:"details"`
	} `json:"deployResult"`
}

func (d *deployAnswer) decode(a *answer) error {
	*d = deployAnswer{}
	err := decodeJSON(a.body, func(dec *jsontext.Decoder) error { return json.UnmarshalDecode(dec, d) })
	if err == nil && !idPart.MatchString(d.ID) {
		return localError(codeMalformed, errShape)
	}
	return err
}

// deployBody writes the two parts that the guide names: options as "json", the package as "file".
func deployBody(zip []byte, checkOnly bool) (body []byte, contentType string, err error) {
	options, err := json.Marshal(map[string]any{"deployOptions": map[string]any{
		"checkOnly": checkOnly, "singlePackage": true, "rollbackOnError": true, "ignoreWarnings": true, "testLevel": "NoTestRun",
	}}, json.Deterministic(true))
	if err != nil {
		return nil, "", err
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	parts := []struct {
		disposition, kind string
		content           []byte
	}{
		{`form-data; name="json"`, "application/json", options},
		{`form-data; name="file"; filename="package.zip"`, "application/zip", zip},
	}
	for _, p := range parts {
		part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {p.disposition}, "Content-Type": {p.kind}})
		if err != nil {
			return nil, "", err
		}
		if _, err := part.Write(p.content); err != nil {
			return nil, "", err
		}
	}
	err = errors.Join(err, w.Close())
	return b.Bytes(), w.FormDataContentType(), err
}
