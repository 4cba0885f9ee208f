package live

// Poll looks at the versions once.
func (h *Hub) Poll() { h.poll() }
