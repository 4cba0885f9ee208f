package account_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"youyue/app/account"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/configs"

	"github.com/stretchr/testify/require"
)

// site serves the account feature on a loopback address.
func site(t *testing.T, w *world) *httptest.Server {
	t.Helper()
	render, err := web.New(web.Config{})
	require.NoError(t, err)
	edge := httpapi.New(httpapi.Config{Renderer: render, Sessions: w.s.Sessions(), Log: w.slog, Now: w.clock.Instant,
		Zone: time.FixedZone("Asia/Shanghai", 8*3600)})
	w.s.Routes(edge.Router())
	w.s.Pages(edge.Router())
	srv := httptest.NewServer(edge.Handler())
	t.Cleanup(srv.Close)
	return srv
}

// reader is a person with a browser that runs no scripts.
type reader struct {
	t    *testing.T
	base string
	http *http.Client
	page string
	at   *url.URL
	code int
}

func newReader(t *testing.T, srv *httptest.Server) *reader {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &reader{t: t, base: srv.URL, http: &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), srv.URL) {
			return fmt.Errorf("sent away to %s", r.URL)
		}
		return nil
	}}}
}

func (r *reader) do(req *http.Request) {
	r.t.Helper()
	req.Header.Set("Accept", "text/html")
	res, err := r.http.Do(req)
	require.NoError(r.t, err)
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	require.NoError(r.t, err)
	r.page, r.at, r.code = string(b), res.Request.URL, res.StatusCode
}

func (r *reader) open(path string) *reader {
	r.t.Helper()
	req, err := http.NewRequest(http.MethodGet, r.base+path, nil)
	require.NoError(r.t, err)
	r.do(req)
	return r
}

var csrf = regexp.MustCompile(`name="csrf_token" value="([^"]+)"`)

func (r *reader) hidden(name string) string {
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(r.page)
	require.NotNil(r.t, m, "no field %s in %s", name, r.page)
	return m[1]
}

// send posts a form with the token of the page at hand.
func (r *reader) send(path string, pairs ...string) *reader {
	r.t.Helper()
	v := url.Values{"csrf_token": {csrf.FindStringSubmatch(r.page)[1]}}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	req, err := http.NewRequest(http.MethodPost, r.base+path, strings.NewReader(v.Encode()))
	require.NoError(r.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.do(req)
	return r
}

func TestAResidentSignsInByCodeAndGoesOnWhereTheyWere(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		r := newReader(t, site(t, w))
		r.open("/me")
		require.Equal(t, "/login?next=%2Fme", r.at.RequestURI(), "who is not signed in is asked to")
		r.send("/login/code", "phone", "123", "next", "/me")
		require.Equal(t, http.StatusUnprocessableEntity, r.code)
		require.Contains(t, r.page, "能收短信的手机号")
		require.Contains(t, r.page, `value="123"`, "what was typed stands there")
		r.send("/login/code", "phone", mobile, "next", "/me")
		require.Equal(t, "/login/code", r.at.Path)
		require.Contains(t, r.page, "139****8826")
		require.NotContains(t, r.at.String(), "8826")
		ticket := r.hidden("ticket")
		r.send("/login/check", "ticket", ticket, "code", "abc", "next", "/me")
		require.Contains(t, r.page, "还可以试 4 次")
		r.send("/login/check", "ticket", ticket, "code", w.sent.last(), "next", "/me")
		require.Equal(t, "/me", r.at.Path)
		require.Equal(t, http.StatusOK, r.code)
		require.Contains(t, r.page, "填上姓名")

		r.send("/me", "name", "张建华", "lang", "en")
		require.Contains(t, r.page, "已保存")
		r.open("/people/new").send("/people", "name", "刘淑芬", "relation", "母亲", "phone", "0351-6061234", "notify", "helper")
		require.Equal(t, "/me", r.at.Path)
		require.Contains(t, r.page, "刘淑芬")
		id := regexp.MustCompile(`/people/(\d+)"`).FindStringSubmatch(r.page)[1]
		r.open("/people/"+id).send("/people/"+id, "name", "", "notify", "helper")
		require.Equal(t, http.StatusUnprocessableEntity, r.code)
		require.Contains(t, r.page, "姓名：这一项要填")
		r.open("/people/" + id + "/archive")
		require.Contains(t, r.page, "移去刘淑芬吗")
		r.send("/people/" + id + "/archive")
		require.NotContains(t, r.page, "刘淑芬")

		r.open("/me/sign-out").send("/me/sign-out")
		require.Equal(t, "/login", r.open("/me").at.Path)
	})
}

func TestStaffSignInByPassword(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		w.staff("district", [2]string{"admin", "qu"})
		r := newReader(t, site(t, w))
		r.open("/login/password").send("/login/password", "login", "district", "password", "wrong")
		require.Equal(t, http.StatusUnauthorized, r.code)
		require.Contains(t, r.page, "登录名或密码不对")
		for range 5 {
			r.send("/login/password", "login", "district", "password", "wrong")
		}
		require.Equal(t, http.StatusTooManyRequests, r.code)
		require.Contains(t, r.page, "09:01")
		clock.Advance(time.Minute)
		r.send("/login/password", "login", "district", "password", goodWord, "next", "/accounts")
		require.Equal(t, "/accounts", r.at.Path)
		require.Contains(t, r.page, "管理员（qu）")

		org := fmt.Sprint(w.orgs["fenyuan"].ID)
		r.open("/accounts/new").send("/accounts", "login", "Bad Login", "name", "李", "password", goodWord, "role", "clerk", "org_id", org)
		require.Contains(t, r.page, "小写字母和数字")
		r.send("/accounts", "login", "lili", "name", "李丽", "password", goodWord, "role", "clerk", "org_id", org)
		require.Contains(t, r.page, "账号已建好")
		path := r.at.Path
		r.send(path+"/grants", "role", "branch", "org_id", org)
		require.Contains(t, r.page, "<dt>支部书记</dt><dd>fenyuan")
		r.send(path+"/password", "password", "short")
		require.Contains(t, r.page, "密码：不能小于 10")
		r.send(path + "/disable")
		require.Contains(t, r.page, "停用")
		r.send("/logout")
		require.Equal(t, "/login", r.open("/me").at.Path)
	})
}

func TestNoLogInLeadsAway(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		w.staff("district")
		srv := site(t, w)
		for _, evil := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)", "/login", "/logout", "/%0d%0aX: y"} {
			r := newReader(t, srv)
			r.open("/login/password?next="+url.QueryEscape(evil)).send("/login/password", "login", "district", "password", goodWord, "next", evil)
			require.Equal(t, srv.URL, r.at.Scheme+"://"+r.at.Host, evil)
			require.NotContains(t, r.page, "evil.example")
		}
	})
}

func TestDemoDoors(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock, func(c *account.Config) { c.Demo = configs.On })
		require.NoError(t, d.Write(w.ctx, func(tx *db.Tx) error {
			_, err := w.s.Create(tx, auth.Actor{Login: "seed"}, account.Entry{Login: "branch", Name: "支部书记", Password: "branch", Demo: true})
			return err
		}))
		r := newReader(t, site(t, w))
		r.open("/login?next=/me")
		require.Contains(t, r.page, `value="branch"`)
		r.send("/login/demo", "login", "branch", "next", "/me")
		require.Equal(t, "/me", r.at.Path)
		r = newReader(t, site(t, w))
		r.open("/login").send("/login/code", "phone", mobile)
		require.Contains(t, r.page, "/dev/codes")
		require.Contains(t, r.open("/dev/codes").page, w.s.DemoCodes()[0].Code)

		live := newWorld(t, dbtest.Open(t, d.Engine(), clock), clock)
		r = newReader(t, site(t, live))
		require.NotContains(t, r.open("/login").page, "/login/demo")
		require.Equal(t, http.StatusNotFound, r.send("/login/demo", "login", "branch").code)
		require.Equal(t, http.StatusNotFound, r.open("/dev/codes").code)
	})
}

func TestTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock)
		srv := site(t, w)
		w.staff("district", [2]string{"admin", "qu"})
		w.staff("auditor", [2]string{"auditor", "qu"})
		w.staff("clerk", [2]string{"clerk", "xinghua"})
		tokens := map[string]string{}
		for _, l := range []string{"district", "auditor", "clerk"} {
			token, err := w.s.IssueToken(w.ctx, l, "")
			require.NoError(t, err)
			tokens[l] = token
		}
		clerk := w.count(`SELECT id FROM accounts WHERE login = 'clerk'`)
		org := w.orgs["fenyuan"].ID
		for _, c := range []struct {
			who, call, body string
			status          int
			want            string
		}{
			{"", "GET /api/v1/me", "", 401, `"code":"sign_in"`},
			{"clerk", "GET /api/v1/me", "", 200, `"role":"clerk"`},
			{"clerk", "PUT /api/v1/me", `{"name":"王小","lang":"fr"}`, 422, `"field":"lang"`},
			{"clerk", "POST /api/v1/people", `{"name":"刘","relation":"self"}`, 422, `"field":"relation"`},
			{"clerk", "POST /api/v1/people", `{"name":"刘淑芬","phone":"13703510001"}`, 201, `"phone":"+8613703510001"`},
			{"clerk", "GET /api/v1/people", "", 200, `"total":2`},
			{"clerk", "POST /api/v1/people/99999/archive", "", 404, `"code":"not_found"`},
			{"clerk", "POST /api/v1/desk/people", fmt.Sprintf(`{"org_id":%d,"name":"刘玉兰","phone":"13935108826"}`, org), 201, `"name":"刘*兰"`},
			{"clerk", "GET /api/v1/desk/people?q=8826", "", 200, `"phone":"139****8826"`},
			{"district", "GET /api/v1/desk/people?q=8826", "", 403, `"code":"forbidden"`},
			{"clerk", "GET /api/v1/accounts", "", 403, `"code":"forbidden"`},
			{"auditor", "GET /api/v1/accounts", "", 200, `"total":3`},
			{"auditor", "POST /api/v1/accounts", `{"login":"x1","name":"x"}`, 403, `"code":"forbidden"`},
			{"district", "POST /api/v1/accounts", `{"login":"clerk","name":"x"}`, 409, `"code":"account.login_taken"`},
			{"district", fmt.Sprintf("POST /api/v1/accounts/%d/grants", clerk), `{"role":"emperor","org_id":1}`, 422, `"field":"role"`},
			{"district", fmt.Sprintf("POST /api/v1/accounts/%d/disable", clerk), "", 200, `"disabled_at":"2026`},
			{"clerk", "GET /api/v1/me", "", 401, `"code":"bad_token"`},
		} {
			method, path, _ := strings.Cut(c.call, " ")
			req, err := http.NewRequest(method, srv.URL+path, strings.NewReader(c.body))
			require.NoError(t, err)
			req.Header.Set("Content-Type", "application/json")
			if c.who != "" {
				req.Header.Set("Authorization", "Bearer "+tokens[c.who])
			}
			res, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			b, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			require.Equal(t, c.status, res.StatusCode, "%s %s: %s", c.who, c.call, b)
			require.Contains(t, string(b), c.want, "%s %s", c.who, c.call)
			if len(b) > 0 {
				require.True(t, json.Valid(b))
			}
		}
	})
}

func TestWithoutTextMessagesTheLogInAsksForThePassword(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := newWorld(t, d, clock, func(c *account.Config) { c.Sender = nil })
		w.staff("clerk")
		r := newReader(t, site(t, w))
		r.open("/login?next=%2Fme")
		require.Equal(t, http.StatusOK, r.code)
		require.Contains(t, r.page, `name="password"`)
		require.Contains(t, r.page, "没有开通短信登录")
		require.NotContains(t, r.page, `action="/login/code"`)
		r.send("/login/code", "phone", mobile)
		require.Equal(t, http.StatusConflict, r.code, "the form of an old page")
		require.Contains(t, r.page, `name="password"`)
		r.send("/login/password", "login", "clerk", "password", goodWord, "next", "/me")
		require.Equal(t, "/me", r.at.Path)
	})
}
