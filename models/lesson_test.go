package models_test

import (
	"testing"

	"youyue/models"

	"github.com/stretchr/testify/require"
)

func TestTheMovesOfALessonRecord(t *testing.T) {
	t.Parallel()
	all := []models.LessonState{models.LessonNone, models.LessonDraft, models.LessonSigned, models.LessonCorrected}
	legal := map[[2]models.LessonState]bool{
		{models.LessonNone, models.LessonDraft}:          true,
		{models.LessonDraft, models.LessonDraft}:         true,
		{models.LessonDraft, models.LessonSigned}:        true,
		{models.LessonSigned, models.LessonCorrected}:    true,
		{models.LessonCorrected, models.LessonCorrected}: true,
	}
	for _, from := range all {
		for _, to := range all {
			require.Equal(t, legal[[2]models.LessonState{from, to}], from.CanBecome(to), "%s → %s", from, to)
		}
	}
}

func TestWhoWasToComeAndWhoDidNot(t *testing.T) {
	t.Parallel()
	list := func(here ...bool) []models.LessonGuest {
		out := make([]models.LessonGuest, len(here))
		for i, h := range here {
			out[i] = models.LessonGuest{Name: []string{"甲", "乙", "丙", "丁"}[i], Here: h}
		}
		return out
	}
	for name, c := range map[string]struct {
		asked, arrived int
		guests         []models.LessonGuest
		expected       int
		absent         string
		unnamed        int
	}{
		"no list":                     {60, 57, nil, 60, "", 0},
		"more came than were said":    {60, 64, nil, 64, "", 0},
		"a list counts more":          {60, 3, list(true, true, true, false), 4, "丁", 0},
		"seats without names, all":    {4, 4, list(false, false, false, false), 4, "", 0},
		"seats without names, some":   {4, 3, list(true, false, false, false), 4, "乙\n丙\n丁", 2},
		"more seats than names":       {6, 5, list(true, true, true, true), 5, "", 0},
		"nobody":                      {4, 0, list(false, false), 2, "甲\n乙", 0},
		"nobody and no list":          {4, 0, nil, 4, "", 0},
		"one guest more, one name no": {2, 3, list(true, false), 3, "", 0},
	} {
		expected, absent, unnamed := models.CountLesson(c.asked, c.guests, c.arrived)
		require.Equal(t, []any{c.expected, c.absent, c.unnamed}, []any{expected, absent, unnamed}, name)
	}
}

func TestStatedCountsStandBesideTheCounted(t *testing.T) {
	t.Parallel()
	r := models.LessonRecord{LessonFacts: models.LessonFacts{Expected: 24, Arrived: 20, Absent: "甲\n乙\n丙\n丁"}}
	require.Equal(t, 4, r.Counts().Missing())
	require.False(t, r.Stated())
	e, a := 24, 23
	r.StatedExpected, r.StatedArrived, r.StatedAbsent = &e, &a, "丁"
	require.True(t, r.Stated())
	require.Equal(t, models.LessonCounts{Expected: 24, Arrived: 23, Absent: "丁"}, r.Counts())
	require.Equal(t, models.LessonCounts{Expected: 24, Arrived: 20, Absent: "甲\n乙\n丙\n丁"}, r.Counted())
}
