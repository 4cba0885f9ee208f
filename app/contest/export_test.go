package contest

// Qualify is qualify for its table.
var Qualify = qualify
