package main

import (
	"errors"
	"fmt"
	"testing"

	"youyue/app/errs"
	"youyue/app/venue"

	"github.com/stretchr/testify/require"
)

func TestTheOperatorReadsWordsNotCodes(t *testing.T) {
	t.Parallel()
	taken := venue.ErrHallCode.With("code", "h4").At(errs.Field{Name: "code", Code: "taken"})
	require.Equal(t, "There is a hall with the code h4 already. Please choose another code.\n  code: In use already. Please choose another.", words(taken))
	missing := words(fmt.Errorf("organisation nope: %w", errs.ErrNotFound))
	require.Regexp(t, `^organisation nope: Not found\.`, missing)
	require.Equal(t, "listen: in use", words(errors.New("listen: in use")))
}
