//! Events, published and heard.

mod ends;
mod listener;
mod publishing;
mod streams;

pub(crate) use listener::Listener;
