package account

import "github.com/alexedwards/scs/v2"

// Store lets a test save a session as a request under way would.
func (s *Sessions) Store() scs.CtxStore { return sessionStore{s.svc} }
