package instance

import (
	"fmt"
	"slices"
)

// Obstacle is something in the set-up of an instance that keeps an API user out, as people meet it when they connect. What its role lacks is
// said by AddService.
type Obstacle string

// The obstacles (Marketo REST API, Error Codes).
const (
	AddressBlocked Obstacle = "address-blocked" // the allowlist of addresses: 603 for every call
	CallsUsedUp    Obstacle = "calls-used-up"   // by all programs together: 607 until midnight
)

// Obstacles are all of them.
func Obstacles() []Obstacle { return []Obstacle{AddressBlocked, CallsUsedUp} }

// Obstruct puts obstacles in the way, in the place of those that were there; none clears it.
func (i *Instance) Obstruct(in ...Obstacle) error {
	for _, one := range in {
		if !slices.Contains(Obstacles(), one) {
			return fmt.Errorf("%q is not an obstacle of the sandbox's instance", one)
		}
	}
	i.identity.mu.Lock()
	defer i.identity.mu.Unlock()
	i.identity.obstacles = slices.Clone(in)
	return nil
}

// obstructed tells it, under the lock of identity.
func (d *identity) obstructed(by Obstacle) bool { return slices.Contains(d.obstacles, by) }
