//! mote-core.
