package errs_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"youyue/app/errs"

	"github.com/stretchr/testify/require"
)

func TestEachKindHasItsStatus(t *testing.T) {
	t.Parallel()
	for kind, status := range map[errs.Kind]int{
		errs.Internal: 500, errs.Malformed: 400, errs.Unauthenticated: 401, errs.Forbidden: 403, errs.NotFound: 404,
		errs.Conflict: 409, errs.TooLarge: 413, errs.Unsupported: 415, errs.Invalid: 422, errs.TooMany: 429, errs.Unavailable: 503,
	} {
		require.Equal(t, status, kind.Status())
		require.NotEmpty(t, http.StatusText(kind.Status()))
	}
}

// A declared error is shared by all requests, so what one adds must not show in another.
func TestCopiesLeaveTheDeclaredErrorAlone(t *testing.T) {
	t.Parallel()
	declared := errs.New(errs.Conflict, "thing.taken")
	one := declared.With("seats", "5排7座").Add("free", 3).At(errs.Field{Name: "seats[0]", Code: "taken"})
	two := one.With("seats", "5排8座").With("max", 2).Add("free", 4).At(errs.Field{Name: "seats[1]", Code: "taken"})

	require.Equal(t, errs.New(errs.Conflict, "thing.taken"), declared)
	require.Equal(t, map[string]any{"seats": "5排7座"}, one.Args)
	require.Equal(t, map[string]any{"free": 3}, one.Extra)
	require.Len(t, one.Fields, 1)
	require.Equal(t, map[string]any{"seats": "5排8座", "max": 2}, two.Args)
	require.Equal(t, map[string]any{"free": 4}, two.Extra)
	require.Len(t, two.Fields, 2)
}

func TestCopiesMatchTheDeclaredError(t *testing.T) {
	t.Parallel()
	declared := errs.New(errs.Conflict, "thing.taken")
	cause := errors.New("row is locked")
	err := fmt.Errorf("book: %w", declared.With("seats", "5排7座").Because(cause))
	require.ErrorIs(t, err, declared)
	require.ErrorIs(t, err, cause)
	require.NotErrorIs(t, err, errs.New(errs.Conflict, "thing.full"))
	require.Equal(t, "book: thing.taken: row is locked", err.Error())

	public := errs.As(err)
	require.Equal(t, errs.Conflict, public.Kind)
	require.Equal(t, "5排7座", public.Args["seats"])
}

func TestAnUnknownErrorIsInternalAndKeepsItsCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk is full")
	public := errs.As(cause)
	require.Equal(t, http.StatusInternalServerError, public.Kind.Status())
	require.Equal(t, "internal", public.Code)
	require.Empty(t, public.Args)
	require.ErrorIs(t, public, cause)
}

func TestAFieldFaultNamesTheField(t *testing.T) {
	t.Parallel()
	err := errs.FieldFault("phone", "required")
	require.ErrorIs(t, err, errs.ErrInvalid)
	require.Equal(t, []errs.Field{{Name: "phone", Code: "required"}}, err.Fields)
	require.Empty(t, errs.ErrInvalid.Fields)
}

func TestNoFaultIsNoError(t *testing.T) {
	var none *errs.Error
	require.NoError(t, errs.OrNil(none))
	require.ErrorIs(t, errs.OrNil(errs.ErrForbidden), errs.ErrForbidden)
	require.True(t, errs.FieldFault("seats", "required").OfFields())
	require.False(t, errs.ErrForbidden.OfFields())
}
