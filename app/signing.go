package app

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/store"
)

// SigningKey is the public half of a key with which Doppio signs in by itself: a certificate for the app in the org.
type SigningKey struct {
	Certificate []byte // PEM
	Until       time.Time
}

// signingSecrets is what the keychain keeps of it.
type signingSecrets struct {
	Key         string `json:"key"`         // PKCS#8 in PEM
	Certificate string `json:"certificate"` // PEM
}

const secretSigning = "signing"

var errUnreadable = errors.New("the key and certificate in the keychain cannot be read; make them anew")

const (
	signingBits = 2048
	signingLife = 2 * 365 * 24 * time.Hour
)

// SigningKey gives the certificate of the workspace's own key, which is made where there is none. The key itself never leaves the keychain.
// A certificate that has ended is replaced, with its key.
func (a *App) SigningKey(ctx context.Context, name string) (SigningKey, error) {
	kept, err := a.signing(ctx, name)
	if err != nil {
		return SigningKey{}, err
	}
	return readCertificate(kept.Certificate)
}

func readCertificate(text string) (SigningKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return SigningKey{}, errUnreadable
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return SigningKey{}, errors.Join(errUnreadable, err)
	}
	return SigningKey{[]byte(text), c.NotAfter}, nil
}

func (a *App) signing(ctx context.Context, name string) (s signingSecrets, err error) {
	vault, err := a.secrets()
	if err != nil {
		return s, err
	}
	err = a.within(ctx, name, func(*store.Workspace) error { // two programs at once would make two keys
		_, has, err := vault.Get(ctx, name, secretSigning)
		if err != nil {
			return err
		}
		if has {
			if err := readSecret(ctx, vault, name, secretSigning, &s); err != nil {
				return err
			}
			if c, err := readCertificate(s.Certificate); err == nil && a.world.now().Before(c.Until) {
				return nil
			}
		}
		if s, err = newSigning(name, a.world.now()); err != nil {
			return fmt.Errorf("make a key: %w", err)
		}
		return keepSecret(ctx, vault, name, secretSigning, s)
	})
	return s, err
}

// RenewSigningKey gives the certificate of a key beside the one with which the workspace signs in. It is made where there is none that waits
// still. The workspace signs in with the key that it has until the app refuses that and takes the new one: so its admin can put the new
// certificate in place of the old one at any time.
func (a *App) RenewSigningKey(ctx context.Context, name string) (SigningKey, error) {
	vault, err := a.secrets()
	if err != nil {
		return SigningKey{}, err
	}
	var made signingSecrets
	err = a.within(ctx, name, func(*store.Workspace) error {
		var used salesforceSecrets
		if err := readSecret(ctx, vault, name, secretSalesforce, &used); err != nil {
			return err
		}
		if used.JWTKey == "" {
			return input(pace.Say("trouble.key.unused", "This workspace does not sign in with a certificate, so there is none to renew."))
		}
		if text, has, err := vault.Get(ctx, name, secretSigning); err != nil {
			return err
		} else if has && json.Unmarshal(text, &made) == nil && made.Key != used.JWTKey {
			if c, err := readCertificate(made.Certificate); err == nil && c.Until.Sub(a.world.now()) > expiryTold*24*time.Hour {
				return nil
			}
		}
		if made, err = newSigning(name, a.world.now()); err != nil {
			return fmt.Errorf("make a key: %w", err)
		}
		return keepSecret(ctx, vault, name, secretSigning, made)
	})
	if err != nil {
		return SigningKey{}, err
	}
	return readCertificate(made.Certificate)
}

// nextKey finds the key that RenewSigningKey made, for a sign-in by secrets; took keeps it in the place of the one before.
func (s *session) nextKey(ctx context.Context, vault Vault, c SalesforceConnection, secrets salesforceSecrets, k *kept) error {
	text, has, err := vault.Get(ctx, s.name, secretSigning)
	if err != nil || !has || c.Flow != FlowJWT {
		return err
	}
	var made signingSecrets
	if json.Unmarshal(text, &made) != nil {
		return nil // it signs in with the key that it has; whoever asks for the certificate is told
	}
	certificate, err := readCertificate(made.Certificate)
	if err != nil {
		return nil
	}
	k.next = made.Key
	k.took = func(ctx context.Context) error {
		secrets.JWTKey = made.Key
		c.Until = certificate.Until.UTC()
		s.renewed.Store(&c) // kept with the next calls: a session beside another one must not write
		return keepSecret(ctx, vault, s.name, secretSalesforce, secrets)
	}
	return nil
}

// madeKey gives the key that SigningKey made.
func madeKey(ctx context.Context, vault Vault, name string) (kept signingSecrets, err error) {
	text, ok, err := vault.Get(ctx, name, secretSigning)
	if err != nil {
		return kept, err
	}
	if !ok {
		return kept, input(pace.Say("trouble.key.none", "There is no key to sign in with yet. Make one with doppioctl setup NAME key, and give its certificate to the Salesforce admin; or name the file of a key of your own in DOPPIO_SALESFORCE_JWT_KEY_FILE."))
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		return kept, errUnreadable
	}
	return kept, nil
}

// newSigning makes a key and a certificate that it signed itself.
func newSigning(name string, now time.Time) (s signingSecrets, err error) {
	key, err := rsa.GenerateKey(rand.Reader, signingBits)
	if err != nil {
		return s, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return s, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Doppio " + name}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(signingLife),
		KeyUsage: x509.KeyUsageDigitalSignature, SignatureAlgorithm: x509.SHA256WithRSA,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return s, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return s, err
	}
	s.Key = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	s.Certificate = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}))
	return s, nil
}
