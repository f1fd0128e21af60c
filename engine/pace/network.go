package pace

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
)

// Codes of exchanges that broke on the network; each client has a sentence for each.
const (
	CodeNetwork     = "NETWORK"        // somewhere on the way: the side may have had the request
	CodeNoHost      = "NO_HOST"        // nobody knows the name
	CodeUnreached   = "UNREACHED"      // nothing listens there, or no way leads there
	CodeCertificate = "NO_CERTIFICATE" // what answers cannot prove who it is
	CodePlain       = "NO_HTTPS"       // what answers does not speak https
)

// NetworkCode says at which step an exchange broke, and whether it was so early that the side cannot have had the request.
func NetworkCode(err error) (code string, unsent bool) {
	var dns *net.DNSError
	var dial *net.OpError
	var proof *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &dns):
		return CodeNoHost, true
	case errors.As(err, &proof), errors.As(err, &unknown), errors.As(err, &name):
		return CodeCertificate, true
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		return CodePlain, true
	case errors.As(err, &dial) && dial.Op == "dial":
		return CodeUnreached, true
	}
	return CodeNetwork, false
}
