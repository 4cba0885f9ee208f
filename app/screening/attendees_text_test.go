package screening

import (
	"fmt"
	"strings"
	"testing"

	"youyue/app/booking"
	"youyue/app/web/locales"

	"github.com/stretchr/testify/require"
)

// seats is row 5, seats 1 to n, with ids from 501.
func seatRow(n int) []booking.SeatRef {
	out := make([]booking.SeatRef, n)
	for i := range out {
		out[i] = booking.SeatRef{ID: int64(501 + i), Label: fmt.Sprintf("5排%d座", i+1)}
	}
	return out
}

func TestAListIsReadAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"王芳\n李强": "王芳 李强",
		"1. 王芳\n2、李强\n（3）赵敏\n4 钱进\n⑤孙丽": "王芳 李强 赵敏 钱进 孙丽",
		"王芳、李强，赵敏,钱进；孙丽":                "王芳 李强 赵敏 钱进 孙丽",
		"王　芳\n李 强\n欧阳 修":                "王芳 李强 欧阳修",
		"王芳 李强 赵敏":                      "王芳 李强 赵敏",
		"Anna Li\n阿依古丽·买买提":             "Anna_Li 阿依古丽·买买提",
		"王芳\t5排7座\n李强\t5排8座":            "王芳@507 李强@508",
		"1\t王芳\t5-7\n2\t李强\t":           "王芳@507 李强",
		"王芳，5排7座\n李强 第5排8号\n赵敏5排9":      "王芳@507 李强@508 赵敏@509",
		"5排7座 王芳\n5排8座\t李强":             "王芳@507 李强@508",
		"1,王芳,5排7座\r\n2,李强,5排8座\r\n":    "王芳@507 李强@508",
		"\ufeff姓名\t座位\n王芳\t５排７座":        "王芳@507",
		"共建第一党支部观影名单\n序号\t性别\t姓名\t电话\t座位号\n1\t女\t王芳\t13900000000\t5排7号\n2\t男\t李强\t\t": "王芳@507 李强",
		"姓名 座位\n王芳 5排7座":     "王芳@507",
		"\n\n王芳\n\n  \n李强\n": "王芳 李强",
		"":                   "",
	} {
		p, err := parseRoll(text, seatRow(12))
		require.NoError(t, err)
		require.Empty(t, p.Faults, "%q", text)
		var got []string
		for _, l := range p.Lines {
			x := strings.ReplaceAll(l.Name, " ", "_")
			if l.SeatID != 0 {
				x += fmt.Sprint("@", l.SeatID)
			}
			got = append(got, x)
		}
		require.Equal(t, want, strings.Join(got, " "), "%q", text)
	}
}

func TestEveryFaultOfAListIsNamedByItsLine(t *testing.T) {
	t.Parallel()
	text := strings.Join([]string{"王芳\t5排1座", "", "3.", strings.Repeat("长", 41), "李\u202e强", "13900008826",
		"赵敏\t5排1座", "钱进\t9排9座", "孙丽\t靠窗", "周一、吴二\t5排2座", "\t5排3座", "郑三"}, "\n")
	p, err := parseRoll(text, seatRow(12))
	require.NoError(t, err)
	var got []string
	for _, f := range p.Faults {
		got = append(got, f.Words(locales.ZhCN))
	}
	require.Equal(t, []string{
		"第3行：姓名是空的",
		"第4行：姓名有 41 个字，最多 40 个字",
		"第5行：姓名里有看不见的符号，请重新输入",
		"第6行：“13900008826”不像姓名",
		"第7行：5排1座已经给了第1行的王芳",
		"第8行：9排9座不是这次订的座位",
		"第9行：“靠窗”看不懂。座位写成 5排7座，不分座就空着",
		"第10行：几个人只写了一个座位，请一行写一个人",
		"第11行：姓名是空的",
	}, got)
	for _, l := range p.Lines {
		require.Equal(t, l.Line != 1 && l.Line != 12, l.Faulty, l.Line)
	}
}

func TestTwoOfOneNameAreTwoPeople(t *testing.T) {
	t.Parallel()
	p, err := parseRoll("王芳\n李强\n王　芳\n王芳", nil)
	require.NoError(t, err)
	require.Empty(t, p.Faults)
	require.Len(t, p.Lines, 4)
	require.Equal(t, []string{"王芳"}, p.Twice)
}

// What is written is read as the same.
func TestAListReadsBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	seats := seatRow(3)
	var list []booking.Attendee
	for i, n := range []string{"王芳", "Anna Li", "阿依古丽·买买提", "O'Neil"} {
		a := booking.Attendee{Name: n}
		if i < 3 {
			a.SeatID, a.SeatLabel = &seats[i].ID, seats[i].Label
		}
		list = append(list, a)
	}
	p, err := parseRoll(rollText(list), seats)
	require.NoError(t, err)
	require.Empty(t, p.Faults)
	for i, l := range p.Lines {
		require.Equal(t, list[i].Name, l.Name)
		if list[i].SeatID != nil {
			require.Equal(t, *list[i].SeatID, l.SeatID)
		}
	}
}

func FuzzParseRoll(f *testing.F) {
	for _, s := range []string{"1. 王芳", "王芳\t5排7座", "、、", "\t\t", "姓名", "第5排8号", "5排7座"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parseRoll(text, seatRow(5))
		if err != nil || len(p.Faults) > 0 {
			return
		}
		seen := map[int64]bool{}
		for _, l := range p.Lines {
			if l.Name == "" || l.SeatID != 0 && seen[l.SeatID] {
				t.Fatalf("%q: %+v", text, p.Lines)
			}
			seen[l.SeatID] = true
		}
	})
}
