package org

// References lists the columns that follow a merge, "table.column".
func References() []string {
	var out []string
	for _, r := range references {
		out = append(out, r.table+"."+r.column)
	}
	return out
}
