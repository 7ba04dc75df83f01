//! A Heroku on loopback, for tests and demonstrations: real sockets, a pipeline that moves, and faults at will.
