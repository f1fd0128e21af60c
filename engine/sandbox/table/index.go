package table

import (
	"hash/maphash"
	"iter"

	"github.com/tidwall/btree"
)

// key orders rows: (stamp, id) or (hash of a text, id).
type key struct{ hi, lo uint64 }

func (k key) less(other key) bool { return k.hi < other.hi || (k.hi == other.hi && k.lo < other.lo) }

// stampKey keeps the order of stamps before 1970 too.
func stampKey(stamp int64, id uint64) key { return key{uint64(stamp) ^ 1<<63, id} }

// order is a sorted set of keys.
type order struct{ tree *btree.BTreeG[key] }

func newOrder() *order {
	return &order{btree.NewBTreeGOptions(key.less, btree.Options{NoLocks: true, Degree: 64})}
}

func (o *order) add(k key)    { o.tree.Set(k) }
func (o *order) remove(k key) { o.tree.Delete(k) }

// from gives the keys after start in rising order, start itself too if including.
func (o *order) from(start key, including bool) iter.Seq[key] {
	return chunked(func(from key, fresh bool, take func(key, key) bool) {
		o.tree.Ascend(from, func(k key) bool {
			return (k == from && !(fresh && including)) || take(k, k)
		})
	}, start)
}

// backward gives the keys before start in falling order.
func (o *order) backward(start key) iter.Seq[key] {
	return chunked(func(from key, _ bool, take func(key, key) bool) {
		o.tree.Descend(from, func(k key) bool { return k == from || take(k, k) })
	}, start)
}

// chunked reads a tree in small portions, each found anew behind the last, so that the tree may change between two of
// them. scan walks from a place; fresh is true for the first portion only.
func chunked[K, V any](scan func(from K, fresh bool, take func(K, V) bool), start K) iter.Seq[V] {
	return func(yield func(V) bool) {
		from, fresh := start, true
		var portion []V
		for size := 4; ; size = min(2*size, 256) {
			portion = portion[:0]
			full := false
			scan(from, fresh, func(k K, v V) bool {
				portion = append(portion, v)
				from = k
				full = len(portion) == size
				return !full
			})
			fresh = false
			for _, v := range portion {
				if !yield(v) {
					return
				}
			}
			if !full {
				return
			}
		}
	}
}

// index finds rows by a column's folded text. It keeps hashes; who reads it compares the texts.
type index struct {
	unique bool
	seed   maphash.Seed
	order  *order
}

func newIndex(unique bool) *index {
	return &index{unique: unique, seed: maphash.MakeSeed(), order: newOrder()}
}

func (x *index) hash(folded string) uint64 { return maphash.String(x.seed, folded) }
