package store

// joinFailure puts a refused row into the group of its cause.
func (t *tx) joinFailure(h *head, at int64) error {
	_, err := t.first(`INSERT INTO outbox_failure(side, object, cause, n, first, last) VALUES(?1, ?2, ?3, 1, ?4, ?4)
		ON CONFLICT(side, object, cause) DO UPDATE SET n = n + 1, first = CASE WHEN n = 0 THEN excluded.first ELSE first END, last = max(last, excluded.last)
		RETURNING id`, func(r row) error { h.failure = r.int(0); return nil }, int64(h.side), h.object, h.cause, at)
	return err
}

// leaveFailure takes a row out of its group. The group stays, with 0, so that its id never names another cause.
func (t *tx) leaveFailure(h *head) error {
	if h.failure == 0 {
		return nil
	}
	_, err := t.exec(`UPDATE outbox_failure SET n = n - 1 WHERE id = ?1`, h.failure)
	h.failure = 0
	return err
}
