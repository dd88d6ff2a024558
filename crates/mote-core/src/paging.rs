//! Pages of lists.

use crate::Error;

/// Things on a page at most.
const MOST_PER_PAGE: i64 = 1000;
/// Beyond any list: what stands before a page is counted in 64 bits.
const LAST_PAGE: i64 = 1_000_000_000;

/// Which page of a list, and how much is on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paging {
    /// From 1.
    pub(crate) page: i64,
    /// Things on a full page.
    pub(crate) per_page: i64,
}

impl Paging {
    /// Things on a page at most.
    pub(crate) const MOST: i64 = MOST_PER_PAGE;

    /// A page's number and size, within their bounds.
    pub(crate) fn asked(page: Option<i64>, per_page: Option<i64>, default: i64) -> Result<Self, Error> {
        let page = page.unwrap_or(1);
        let per_page = per_page.unwrap_or(default);
        if !(1..=LAST_PAGE).contains(&page) {
            return Err(Error::invalid("page", format!("is a number from 1 to {LAST_PAGE}")));
        }
        if !(1..=MOST_PER_PAGE).contains(&per_page) {
            return Err(Error::invalid("per_page", format!("is a number from 1 to {MOST_PER_PAGE}")));
        }
        Ok(Self { page, per_page })
    }

    /// How much stands on the pages before.
    pub(crate) const fn offset(self) -> i64 {
        (self.page - 1) * self.per_page
    }

    /// Of a page and one thing more, if there is one, the page; and whether there is.
    pub(crate) fn cut<T>(self, mut found: Vec<T>) -> (Vec<T>, bool) {
        let full = usize::try_from(self.per_page).unwrap_or(usize::MAX);
        let has_more = found.len() > full;
        found.truncate(full);
        (found, has_more)
    }

    /// How many pages so much takes.
    pub(crate) const fn pages(self, total: i64) -> i64 {
        (total + self.per_page - 1) / self.per_page
    }
}
