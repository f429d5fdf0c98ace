package integration_test

// logInTrips are the statements of log-ins, a line for each round trip.
type logInTrips struct {
	newUser, knownUser, request string
	// full is of a user at the limit of sessions: one ends, which is recorded, too.
	full string
	// again is of a browser with the cookie of a session that has ended, which each of its
	// two requests looks for.
	again string
}

// onPostgreSQL is so behind PgBouncer, too.
var onPostgreSQL = logInTrips{
	newUser: `
		INSERT claims
		begin isolation level read committed; SELECT user_roles, factors, sessions, connections, users
		SELECT user_roles, users
		INSERT attempts
		INSERT users; INSERT audit; INSERT connections; UPDATE users; INSERT sessions; DELETE sessions; INSERT audit; INSERT audit; commit`,
	knownUser: `
		INSERT claims
		begin isolation level read committed; SELECT user_roles, factors, sessions, connections, users
		UPDATE connections; UPDATE users; INSERT sessions; DELETE sessions; INSERT audit; commit`,
	full: `
		INSERT claims
		begin isolation level read committed; SELECT user_roles, factors, sessions, connections, users
		UPDATE connections; UPDATE users; INSERT sessions; DELETE sessions; INSERT audit; INSERT audit; commit`,
	again: `
		SELECT user_roles, sessions, users
		SELECT user_roles, sessions, users
		INSERT claims
		begin isolation level read committed; SELECT user_roles, factors, sessions, connections, users
		UPDATE connections; DELETE sessions; UPDATE users; INSERT sessions; DELETE sessions
		INSERT audit; commit`,
	request: `SELECT user_roles, sessions, users`,
}

var onMariaDB = logInTrips{
	newUser: `
		INSERT claims
		START TRANSACTION
		SELECT user_roles, factors, connections, users
		SELECT user_roles, users
		INSERT attempts
		SELECT attempts
		INSERT users
		INSERT audit
		INSERT connections
		UPDATE users
		INSERT sessions
		DELETE sessions
		INSERT audit
		INSERT audit
		COMMIT`,
	knownUser: `
		INSERT claims
		START TRANSACTION
		SELECT user_roles, factors, connections, users
		UPDATE connections
		UPDATE users
		INSERT sessions
		DELETE sessions
		INSERT audit
		COMMIT`,
	full: `
		INSERT claims
		START TRANSACTION
		SELECT user_roles, factors, connections, users
		UPDATE connections
		UPDATE users
		INSERT sessions
		DELETE sessions
		INSERT audit
		INSERT audit
		COMMIT`,
	again: `
		SELECT user_roles, sessions, users
		SELECT user_roles, sessions, users
		INSERT claims
		START TRANSACTION
		SELECT user_roles, factors, connections, users
		UPDATE connections
		DELETE sessions
		UPDATE users
		INSERT sessions
		DELETE sessions
		INSERT audit
		COMMIT`,
	request: `SELECT user_roles, sessions, users`,
}

var onSQLite = logInTrips{
	newUser: `
		INSERT claims
		BEGIN
		SELECT connections
		SELECT user_roles, users
		INSERT attempts
		INSERT users
		INSERT audit
		INSERT connections
		SELECT user_roles, users
		SELECT factors
		UPDATE users
		INSERT sessions
		DELETE sessions
		INSERT audit
		INSERT audit`,
	knownUser: `
		INSERT claims
		BEGIN
		SELECT connections
		SELECT factors
		UPDATE connections
		SELECT user_roles, users
		UPDATE users
		INSERT sessions
		DELETE sessions
		INSERT audit`,
	full: `
		INSERT claims
		BEGIN
		SELECT connections
		SELECT factors
		UPDATE connections
		SELECT user_roles, users
		UPDATE users
		INSERT sessions
		DELETE sessions
		INSERT audit
		INSERT audit`,
	again: `
		SELECT user_roles, sessions, users
		SELECT user_roles, sessions, users
		INSERT claims
		BEGIN
		SELECT connections
		SELECT factors
		UPDATE connections
		SELECT user_roles, users
		DELETE sessions
		UPDATE users
		INSERT sessions
		DELETE sessions
		INSERT audit`,
	request: `SELECT user_roles, sessions, users`,
}

var onMongoDB = logInTrips{
	newUser: `
		update claims
		find connections
		find users
		findAndModify attempts
		find users
		insert users
		insert audit
		update owners
		find connections
		find connections
		insert connections
		find users
		find factors
		find users
		update users
		find users
		insert sessions
		find sessions
		insert audit
		insert audit
		commitTransaction`,
	knownUser: `
		update claims
		find connections
		find factors
		update connections
		find users
		find users
		update users
		find users
		insert sessions
		find sessions
		insert audit
		commitTransaction`,
	full: `
		update claims
		find connections
		find factors
		update connections
		find users
		find users
		update users
		find users
		insert sessions
		find sessions
		delete sessions
		insert audit
		insert audit
		commitTransaction`,
	again: `
		find sessions
		find sessions
		update claims
		find connections
		find factors
		update connections
		find users
		delete sessions
		find users
		update users
		find users
		insert sessions
		find sessions
		insert audit
		commitTransaction`,
	request: `
		find sessions
		find users`,
}
