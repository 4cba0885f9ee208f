package app_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"youyue/app/apitest"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// workbook is a service list as a station keeps it: a title over the width of the sheet,
// headings in colour, numbers as numbers, a second sheet for remarks.
func workbook(t *testing.T, text string) []byte {
	t.Helper()
	f := excelize.NewFile()
	sheet := f.GetSheetName(0)
	require.NoError(t, f.SetCellValue(sheet, "A1", "兴华街道实践站 2027 年服务清单"))
	require.NoError(t, f.MergeCell(sheet, "A1", "N1"))
	style, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFE699"}}})
	require.NoError(t, err)
	for i, line := range strings.Split(text, "\n") {
		for j, cell := range strings.Split(line, "\t") {
			at, err := excelize.CoordinatesToCellName(j+1, i+2)
			require.NoError(t, err)
			var v any = cell
			if n, err := strconv.ParseFloat(cell, 64); err == nil {
				v = n
			}
			require.NoError(t, f.SetCellValue(sheet, at, v))
		}
	}
	require.NoError(t, f.SetRowStyle(sheet, 2, 2, style))
	_, err = f.NewSheet("说明")
	require.NoError(t, err)
	require.NoError(t, f.SetCellValue("说明", "A1", "次数写在 × 后面"))
	b, err := f.WriteToBuffer()
	require.NoError(t, err)
	return b.Bytes()
}

// upload sends the page's form with a workbook, as a browser does.
func upload(t *testing.T, w *apitest.World, who string, org int64, file []byte) *apitest.Answer {
	t.Helper()
	var b bytes.Buffer
	f := multipart.NewWriter(&b)
	for k, v := range map[string]string{"org": itoa(org), "year": "2027", "text": ""} {
		require.NoError(t, f.WriteField(k, v))
	}
	part, err := f.CreateFormFile("file", "服务清单.xlsx")
	require.NoError(t, err)
	_, err = part.Write(file)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return w.Browser(who).With("Content-Type", f.FormDataContentType()).Post("/services/import", b.String())
}

var (
	namedFault = regexp.MustCompile(`第(\d+)行“([^”]+)”`)
	keptText   = regexp.MustCompile(`(?s)name="text" value="([^"]*)"`)
	keptDigest = regexp.MustCompile(`name="digest" value="([^"]+)"`)
)

// A workbook through the upload of the page: ten planted faults, ten named by the row and
// the column that Excel shows, nothing written; a clean one is previewed, written, and
// rolled back to the one before.
func TestAServiceListComesAsAWorkbook(t *testing.T) {
	t.Parallel()
	apitest.Each(t, func(t *testing.T, w *apitest.World) {
		org := orgID(w, "cxb")
		planted := map[[2]int]string{{0, 2}: "义诊×0", {1, 5}: "义诊×99", {2, 0}: "", {3, 1}: "没有的类别", {4, 7}: "42", {6, 0}: "服务06", {9, 13}: "义诊×很多",
			{11, 3}: strings.Repeat("长", 61), {15, 8}: "剪发（40次）", {19, 12}: "3.5"}
		want := []string{"3 1月", "4 4月", "5 服务", "6 类别", "7 6月", "9 服务", "12 12月", "14 2月", "18 7月", "22 11月"}
		page := upload(t, w, "scheduler", org, workbook(t, twenty(planted))).Want(http.StatusOK).Body
		var named []string
		for _, m := range namedFault.FindAllStringSubmatch(html.UnescapeString(page), -1) {
			named = append(named, m[1]+" "+m[2])
		}
		require.ElementsMatch(t, want, named)
		require.NotRegexp(t, keptDigest, page, "there is nothing to press")
		w.As("scheduler").Post("/api/v1/service-lists/import", m{"org_id": org, "year": 2027, "digest": "x",
			"file": base64.StdEncoding.EncodeToString(workbook(t, twenty(planted)))}).Refused(http.StatusUnprocessableEntity, "service.faults")
		require.Zero(t, count(t, w, `SELECT COUNT(*) FROM service_lists WHERE year = 2027`))

		write := func(text string) {
			page := upload(t, w, "scheduler", org, workbook(t, text)).Want(http.StatusOK).Body
			require.Empty(t, namedFault.FindAllString(page, -1))
			kept := html.UnescapeString(keptText.FindStringSubmatch(page)[1])
			form(w, "scheduler", "/services/import", url.Values{"org": {itoa(org)}, "year": {"2027"}, "text": {kept}, "digest": {keptDigest.FindStringSubmatch(page)[1]}}).Want(http.StatusSeeOther)
		}
		cells := func(what string) int {
			return count(t, w, fmt.Sprintf(`SELECT COUNT(*) FROM service_cells c JOIN service_lists l ON l.id = c.list_id WHERE l.year = 2027 AND l.ended_at IS NULL AND c.what LIKE '%s'`, what))
		}
		upload(t, w, "resident", org, workbook(t, twenty(nil))).Want(http.StatusForbidden)
		upload(t, w, "scheduler", org, []byte("PK, but no workbook")).Want(http.StatusUnprocessableEntity)
		write(twenty(nil))
		require.Equal(t, []int{240, 0}, []int{cells("%"), cells("义诊%")})
		write(twenty(map[[2]int]string{{0, 2}: "义诊×2"}))
		require.Equal(t, []int{240, 1}, []int{cells("%"), cells("义诊%")})
		form(w, "scheduler", "/services/roll-back", url.Values{"org": {itoa(org)}, "year": {"2027"}}).Want(http.StatusSeeOther)
		require.Equal(t, []int{240, 0}, []int{cells("%"), cells("义诊%")})
	})
}
