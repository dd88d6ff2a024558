//! mote-api.
