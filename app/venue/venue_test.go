package venue_test

import (
	"context"
	"testing"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/org"
	"youyue/app/venue"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func TestAHallsCodeIsItsOwn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		ctx := context.Background()
		var top models.Org
		require.NoError(t, d.Write(ctx, func(tx *db.Tx) (err error) {
			top, err = org.Create(tx, auth.Actor{Login: "seed"}, org.Entry{Code: "qu", Name: "区", Kind: models.OrgCentre})
			return err
		}))
		add := func(code string) error {
			return d.Write(ctx, func(tx *db.Tx) error {
				return venue.Create(tx, &venue.Hall{Name: "影厅", OrgID: top.ID, Hall: models.Hall{Code: code}}, models.CinemaHallPlan())
			})
		}
		require.NoError(t, add("one"))
		require.ErrorIs(t, add("one"), venue.ErrHallCode)
		require.NoError(t, add("two"))
		all, err := venue.New(d).List(ctx)
		require.NoError(t, err)
		require.Len(t, all, 2, "the refused one left nothing")
	})
}
