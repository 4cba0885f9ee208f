package models

// OrgKind says what an organisation is in the district's tree.
type OrgKind string

// The kinds: centre, sub-district office and station form the trunk; branches,
// partners, schools and teams hang on it.
const (
	OrgCentre      OrgKind = "centre"
	OrgSubdistrict OrgKind = "subdistrict"
	OrgStation     OrgKind = "station"
	OrgBranch      OrgKind = "branch"
	OrgPartner     OrgKind = "partner"
	OrgSchool      OrgKind = "school"
	OrgTeam        OrgKind = "team"
)

// OrgKinds lists all kinds, trunk first.
func OrgKinds() []OrgKind {
	return []OrgKind{OrgCentre, OrgSubdistrict, OrgStation, OrgBranch, OrgPartner, OrgSchool, OrgTeam}
}

// Org is one organisation. Path is the ids from the root, "/1/4/19/", so that
// everything below it shares the prefix.
type Org struct {
	ID         int64
	ParentID   *int64
	Path       string
	Code       string
	Name       string
	Kind       OrgKind
	Phone      string
	Address    string
	CreatedAt  Instant
	ArchivedAt Instant
	MergedInto *int64 // which lives on when two became one
}
