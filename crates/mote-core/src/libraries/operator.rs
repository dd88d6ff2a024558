//! What the operator of the server does with libraries, whoever's they are.

use mote_store::Db;
use mote_store::libraries as rows;
use mote_store::libraries::LibraryRow;

use super::change::{doomed, remove};
use super::library::find;
use crate::{Error, Mote};

/// What the operator says of a library.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LibraryMarks {
    /// Whether it is his own.
    pub official: bool,
    /// Whether he vouches for it.
    pub verified: bool,
    /// Whether he points it out.
    pub featured: bool,
}

impl LibraryMarks {
    pub(super) fn of_row(row: &LibraryRow) -> Self {
        Self { official: row.official, verified: row.verified, featured: row.featured }
    }
}

impl Mote {
    /// Libraries after a name (empty from the start) with their marks, by name in lower case; a hundred at most.
    pub async fn list_libraries_for_operator(
        &self,
        after: &str,
    ) -> Result<Vec<(String, LibraryMarks)>, Error> {
        let after = after.to_owned();
        let found = self.store().read(move |db| rows::list(db, &after, 100)).await?;
        Ok(found.into_iter().map(|row| (row.folded.clone(), LibraryMarks::of_row(&row))).collect())
    }

    /// Says what a library is to the operator.
    pub async fn mark_library_for_operator(&self, name: &str, marks: LibraryMarks) -> Result<(), Error> {
        let name = name.to_owned();
        self.store()
            .write(move |db| -> Result<(), Error> {
                let row = find(db, &name)?;
                let LibraryMarks { official, verified, featured } = marks;
                Ok(rows::update(db, &LibraryRow { official, verified, featured, ..row })?)
            })
            .await
    }

    /// Takes back a version of a library, or all of it, public or not.
    pub async fn delete_library_for_operator(
        &self,
        name: &str,
        version: Option<String>,
    ) -> Result<(), Error> {
        let (name, now) = (name.to_owned(), self.now());
        let write = move |db: &mut Db| -> Result<(), Error> {
            let library = find(db, &name)?;
            let doomed = doomed(db, library.id, version.as_deref())?;
            remove(db, library.id, &doomed, now)
        };
        self.store().write(write).await
    }
}
