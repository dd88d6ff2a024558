//! Libraries.

use mote_core::libraries::LibraryMarks;

use super::{explain, operator};
use crate::Failure;
use crate::config::{Marks, StoreOptions};

/// A line each: name in lower case, marks.
pub(super) async fn list(options: StoreOptions) -> Result<(), Failure> {
    let mote = operator(options).await?;
    let mut after = String::new();
    loop {
        let page = mote.list_libraries_for_operator(&after).await.map_err(Failure::other)?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after.clone_from(last);
        for (name, marks) in page {
            let words =
                [(marks.official, " official"), (marks.verified, " verified"), (marks.featured, " featured")];
            let set: String = words.iter().filter(|(set, _)| *set).map(|(_, word)| *word).collect();
            println!("{name}{set}");
        }
    }
}

pub(super) async fn mark(options: StoreOptions, name: &str, marks: &Marks) -> Result<(), Failure> {
    let mote = operator(options).await?;
    let marks = LibraryMarks { official: marks.official, verified: marks.verified, featured: marks.featured };
    mote.mark_library_for_operator(name, marks).await.map_err(explain)?;
    println!("The library is marked.");
    Ok(())
}

pub(super) async fn remove(
    options: StoreOptions,
    name: &str,
    version: Option<String>,
) -> Result<(), Failure> {
    let mote = operator(options).await?;
    mote.delete_library_for_operator(name, version).await.map_err(explain)?;
    println!("It is removed.");
    Ok(())
}
