package tenants

const (
	markPath  = "/mark/"
	stylePath = "/style/"
)
