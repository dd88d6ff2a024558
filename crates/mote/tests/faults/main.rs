//! Drills: what fails around the real server, and what it then does. docs/faults.md has the table.

mod clock;
mod crowds;
mod database;
mod desk;
mod disk;
mod files;
mod senders;
mod torture;
