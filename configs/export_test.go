package configs

// DevelopmentSecret is the public secret of demo mode.
const DevelopmentSecret = developmentSecret

// Keys returns every setting there is.
func Keys() (keys []string) {
	for _, f := range new(Config).fields() {
		keys = append(keys, f.key)
	}
	return keys
}
