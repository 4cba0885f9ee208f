package web_test

import (
	"testing"
	"time"

	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

func TestWordsWriteInstantsAsDateAndTime(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	at := models.InstantOf(time.Date(2026, 11, 28, 19, 30, 0, 0, zone))
	w := web.Words{Frame: &web.Frame{Lang: locales.ZhCN, Zone: zone, Now: at}}
	require.Equal(t, locales.T(locales.ZhCN, "show.opens", map[string]any{"at": "11月28日（周六）19:30"}), w.T("show.opens", "at", at))
	require.Contains(t, w.T("show.opens", "at", at), "19:30")
	require.Equal(t, locales.T(locales.ZhCN, "week.seats", map[string]any{"taken": 3, "all": 172}), w.T("week.seats", "taken", 3, "all", 172))
}
