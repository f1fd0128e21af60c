package people

import "math/bits"

// draw is a small random stream (splitmix64). Every record has streams of its own, keyed by what it is about, so any
// record can be made without making the others.
type draw uint64

// What a stream is about.
const (
	aboutFirm uint64 = iota + 1
	aboutSlot
	aboutHuman
	aboutDrift
	aboutStranger
	aboutSales
	aboutCampaign
	aboutMember
	aboutMass
	aboutUser
	aboutCustom
)

func (w *World) draw(about, number uint64) draw {
	return draw(scramble(w.seed ^ scramble(about) ^ scramble(number*0x9e3779b97f4a7c15+about)))
}

func scramble(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (d *draw) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	return scramble(uint64(*d))
}

// below is from 0 to n-1.
func (d *draw) below(n int) int {
	high, _ := bits.Mul64(d.next(), uint64(n))
	return int(high)
}

// chance is true with the given probability in ten thousand.
func (d *draw) chance(inTenThousand int) bool { return d.below(10_000) < inTenThousand }

func pick[T any](d *draw, of []T) T { return of[d.below(len(of))] }
