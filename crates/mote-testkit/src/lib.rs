//! mote-testkit.
