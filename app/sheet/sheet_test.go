package sheet_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"youyue/app/sheet"
	"youyue/app/web/locales"
	"youyue/models"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

var people = []sheet.Column{
	{Key: "name", Names: []string{"姓名", "name"}, Required: true},
	{Key: "seat", Names: []string{"座位", "seat"}},
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 8*3600)
	at := models.InstantOf(time.Date(2026, 12, 1, 19, 30, 0, 0, zone))
	book, err := sheet.Write(sheet.Sheet{Name: "名单: 12/1", Head: []string{"姓名", "座位", "时间", "人数"}, Zone: zone,
		Rows: [][]any{{"=HYPERLINK(\"x\")", "5排7座", at, 3}, {"李\n四", "", models.Instant{}, 0}}})
	require.NoError(t, err)
	text, err := sheet.Text(book)
	require.NoError(t, err)
	require.Equal(t, "姓名\t座位\t时间\t人数\n=HYPERLINK(\"x\")\t5排7座\t2026-12-01 19:30\t3\n李 四\t\t\t0", text)

	f, err := excelize.OpenReader(bytes.NewReader(book))
	require.NoError(t, err)
	formula, err := f.GetCellFormula(f.GetSheetName(0), "A2")
	require.NoError(t, err)
	require.Empty(t, formula, "a name is never a formula")
	require.Equal(t, "名单 121", f.GetSheetName(0))
}

func TestDatesAndTimesOfExcelReadAsTheyAreMeant(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	require.NoError(t, f.SetCellValue("Sheet1", "A1", time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)))
	day, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	require.NoError(t, err)
	require.NoError(t, f.SetCellStyle("Sheet1", "A1", "A1", day))
	require.NoError(t, f.SetCellValue("Sheet1", "B1", 19.5/24))
	clock, err := f.NewStyle(&excelize.Style{NumFmt: 20})
	require.NoError(t, err)
	require.NoError(t, f.SetCellStyle("Sheet1", "B1", "B1", clock))
	b, err := f.WriteToBuffer()
	require.NoError(t, err)
	text, err := sheet.Text(b.Bytes())
	require.NoError(t, err)
	require.Equal(t, "2026-12-01\t19:30", text)
}

func TestFilesThatAreNoWorkbook(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	w, err := z.Create("xl/workbook.xml")
	require.NoError(t, err)
	_, err = w.Write(bytes.Repeat([]byte(" "), 40<<20))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	for name, body := range map[string][]byte{"empty": nil, "text": []byte("姓名,座位"), "old excel": {0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1}, "bomb": bomb.Bytes()} {
		_, err := sheet.Text(body)
		require.ErrorIs(t, err, sheet.ErrNotExcel, name)
	}
	_, err = sheet.Rows(strings.Repeat("a\n", 5001))
	require.ErrorIs(t, err, sheet.ErrTooLong)
}

// A small file may name one long text from many cells.
func TestASmallFileDoesNotBecomeALargeTable(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	long := strings.Repeat("长", 10_000)
	for row := range 50 {
		require.NoError(t, f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", row+1), &[]any{long, long, long}))
	}
	b, err := f.WriteToBuffer()
	require.NoError(t, err)
	require.Less(t, b.Len(), 20_000)
	_, err = sheet.Text(b.Bytes())
	require.ErrorIs(t, err, sheet.ErrTooMuch)
}

func TestRecordsByHeadingOrByPosition(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"heading in another order": "备注\t座位\t 姓名*\r\nx\t5排7座\t王芳\r\n",
		"English":                  "Seat\tNAME\n5排7座\t王芳",
		"no heading":               "\n　王芳　\t5排7座",
	} {
		got, faults, err := sheet.Records(text, people)
		require.NoError(t, err, name)
		require.Empty(t, faults, name)
		require.Equal(t, []sheet.Record{{Line: 2, Values: map[string]string{"name": "王芳", "seat": "5排7座"}}}, got, name)
	}
}

func TestFaultsNameLineAndColumn(t *testing.T) {
	t.Parallel()
	_, faults, err := sheet.Records("姓名\t座位\n王芳\n\n\t5排8座", people)
	require.NoError(t, err)
	require.Len(t, faults, 1)
	require.Equal(t, "第4行“姓名”：这一项要填。", faults[0].Words(locales.ZhCN))
	_, faults, err = sheet.Records("座位\n5排8座", people)
	require.NoError(t, err)
	require.Equal(t, "表头里没有“姓名”这一列", faults[0].Words(locales.ZhCN))
}

func TestDaysAndClocksAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"2026-12-01", "2026/12/1", "2026.12.1", "2026年12月1日", " ２０２６－１２－０１ ", "20261201"} {
		got, ok := sheet.Day(s, time.UTC)
		require.True(t, ok, s)
		require.Equal(t, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), got, s)
	}
	for s, want := range map[string]int{"19:30": 1170, "９：０５": 545, "8点": 480, "8点15分": 495, "24:00": 1440, "0:00": 0} {
		got, ok := sheet.Clock(s)
		require.True(t, ok, s)
		require.Equal(t, want, got, s)
	}
	for _, s := range []string{"", "12月", "2026-02-30", "25:00"} {
		_, ok := sheet.Day(s, time.UTC)
		require.False(t, ok, s)
		_, ok = sheet.Clock(s)
		require.False(t, ok, s)
	}
}

// A title stands above the headings of many a list, of those that we write too; lines are
// named as Excel counts them all the same.
func TestATitleAboveTheHeadings(t *testing.T) {
	t.Parallel()
	columns := []sheet.Column{{Key: "name", Names: []string{"姓名"}, Required: true}, {Key: "seat", Names: []string{"座位"}}}
	records, faults, err := sheet.Records("志愿者名单\n\n\t2026年\n姓名\t座位\n李强\t1排1座\n\t2排1座", columns)
	require.NoError(t, err)
	require.Equal(t, []sheet.Record{{Line: 5, Values: map[string]string{"name": "李强", "seat": "1排1座"}}, {Line: 6, Values: map[string]string{"name": "", "seat": "2排1座"}}}, records)
	require.Len(t, faults, 1)
	require.Equal(t, 6, faults[0].Line)
	records, _, err = sheet.Records("李强\n王芳", columns)
	require.NoError(t, err)
	require.Len(t, records, 2, "without headings every line is one")
}
