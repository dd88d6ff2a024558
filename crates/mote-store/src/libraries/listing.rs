//! Pages of libraries, each shown by the highest version that the caller sees.

use diesel::prelude::*;

use super::{LibraryRow, VersionRow};
use crate::schema::libraries::{libraries, library_architectures, library_versions};
use crate::{Db, StoreError, pattern};

/// Which libraries, and by which of their versions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// All that the account sees: its own by their highest version, those of others by the highest public one.
    #[default]
    All,
    /// Those with a public version, by the highest of these.
    Public,
    /// The account's own, by their highest version.
    Mine,
}

/// What a listing is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Which libraries.
    pub reach: Reach,
    /// Part of the name.
    pub name: Option<String>,
    /// Category, in lower case.
    pub category: Option<String>,
    /// One of these architectures, in lower case; those for all are always among them.
    pub architectures: Vec<String>,
    /// Whether the version that is shown is public.
    pub public: Option<bool>,
    /// Only, or not, the operator's own.
    pub official: Option<bool>,
    /// Only, or not, what the operator vouches for.
    pub verified: Option<bool>,
    /// Only, or not, what the operator points out.
    pub featured: Option<bool>,
    /// Not the account's own.
    pub foreign: bool,
    /// Nothing at all: what is asked for is left out.
    pub nothing: bool,
}

/// What a listing is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Name.
    Name,
    /// Downloads.
    Installs,
    /// Whether it is the operator's own.
    Official,
    /// Whether the operator vouches for it.
    Verified,
    /// First contributed.
    Created,
    /// The version that is shown was changed.
    Updated,
    /// The version that is shown was published.
    Published,
}

/// A page of what `account` sees, and how many there are on all pages. `orders` are fields with whether they descend; the
/// name decides at last. A part of a name has no index: the libraries are walked for it.
pub fn page(
    db: &mut Db,
    account: i64,
    filter: &Filter,
    orders: &[(Order, bool)],
    offset: i64,
    limit: i64,
) -> Result<(Vec<(LibraryRow, VersionRow)>, i64), StoreError> {
    let joined = || {
        libraries::table
            .inner_join(library_versions::table.on(library_versions::library_id.eq(libraries::id)))
    };
    if filter.nothing {
        return Ok((Vec::new(), 0));
    }
    macro_rules! narrowed {
        ($query:expr) => {{
            let mut query = $query;
            let own =
                libraries::owner_id.is_not_null().and(libraries::owner_id.assume_not_null().eq(account));
            let foreign = libraries::owner_id.is_null().or(libraries::owner_id.assume_not_null().ne(account));
            query = match filter.reach {
                Reach::All => query.filter(
                    own.and(library_versions::latest.eq(true))
                        .or(foreign.and(library_versions::latest_public.eq(true))),
                ),
                Reach::Public => query.filter(library_versions::latest_public.eq(true)),
                Reach::Mine => query.filter(own.and(library_versions::latest.eq(true))),
            };
            if let Some(part) = &filter.name {
                query = query.filter(libraries::folded.like(pattern(&part.to_lowercase())).escape('\\'));
            }
            if let Some(category) = &filter.category {
                query = query.filter(library_versions::category.eq(category));
            }
            if !filter.architectures.is_empty() {
                let fitting = library_architectures::table
                    .filter(library_architectures::architecture.eq_any(&filter.architectures))
                    .select(library_architectures::version_id);
                query = query.filter(
                    library_versions::all_architectures.eq(true).or(library_versions::id.eq_any(fitting)),
                );
            }
            match filter.public {
                Some(true) => query = query.filter(library_versions::published_at.gt(0)),
                Some(false) => query = query.filter(library_versions::published_at.eq(0)),
                None => {}
            }
            if let Some(official) = filter.official {
                query = query.filter(libraries::official.eq(official));
            }
            if let Some(verified) = filter.verified {
                query = query.filter(libraries::verified.eq(verified));
            }
            if let Some(featured) = filter.featured {
                query = query.filter(libraries::featured.eq(featured));
            }
            if filter.foreign {
                query = query.filter(foreign);
            }
            query
        }};
    }
    let total = narrowed!(joined().count().into_boxed()).get_result(db)?;
    let columns = (LibraryRow::as_select(), VersionRow::as_select());
    let mut query = narrowed!(joined().select(columns).into_boxed());
    for (order, descending) in orders {
        macro_rules! by {
            ($column:expr) => {
                if *descending {
                    query.then_order_by($column.desc())
                } else {
                    query.then_order_by($column.asc())
                }
            };
        }
        query = match order {
            Order::Name => by!(libraries::folded),
            Order::Installs => by!(libraries::installs),
            Order::Official => by!(libraries::official),
            Order::Verified => by!(libraries::verified),
            Order::Created => by!(libraries::created_at),
            Order::Updated => by!(library_versions::updated_at),
            Order::Published => by!(library_versions::published_at),
        };
    }
    Ok((query.then_order_by(libraries::folded).offset(offset).limit(limit).load(db)?, total))
}
