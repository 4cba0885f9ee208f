package db

import "context"

// MigrateDown takes every step back; the product never does.
func (d *DB) MigrateDown(ctx context.Context) error {
	p, err := d.provider()
	if err != nil {
		return err
	}
	_, err = p.DownTo(ctx, 0)
	return err
}

// Attempts is how often Write tries a transaction.
const Attempts = attempts
