package sqlite

// LogBytes sets after how many bytes of log there is a checkpoint.
func LogBytes(n int) Option { return func(o *options) { o.logBytes = n } }
