//! mote-store.
