//! Events, published and heard.

mod ends;
mod listener;
mod publishing;
mod streams;
