package db

import "strings"

// Below is the condition that a column of organisation paths lies in a scope: at
// one of its paths or below it, as ranges that an index can answer. An empty scope
// holds nothing.
func Below(column string, scope []string) (where string, args []any) {
	if len(scope) == 0 {
		return "1 = 0", nil
	}
	parts := make([]string, len(scope))
	for i, p := range scope {
		parts[i] = "(" + column + " >= ? AND " + column + " < ?)"
		args = append(args, p, strings.TrimSuffix(p, "/")+"0") // '0' follows '/'
	}
	return "(" + strings.Join(parts, " OR ") + ")", args
}
