//! Which libraries somebody asks for, and in which order.

use mote_store::libraries::{Filter, Order, Reach};

use crate::Error;

/// Fields to sort by, architectures and scopes at most.
const MOST_NAMED: usize = 20;
/// Characters of a text that is looked for at most.
const LONGEST_TEXT: usize = 128;

/// Which libraries, which page.
#[derive(Clone, Debug, Default)]
pub struct LibraryQuery {
    /// Part of the name.
    pub filter: Option<String>,
    /// Fields, the first counting most; with a `-` before it the other way round.
    pub sort: Vec<String>,
    /// `all` (public ones and the account's own), `public`, `private`, `mine`, `official`, `verified` or `featured`.
    pub scope: Option<String>,
    /// The same words: what to leave out.
    pub exclude_scopes: Vec<String>,
    /// Those for one of these.
    pub architectures: Vec<String>,
    /// Those of this category.
    pub category: Option<String>,
    /// Page, from 1.
    pub page: Option<i64>,
    /// Libraries on a page; 100 at most.
    pub limit: Option<i64>,
}

impl LibraryQuery {
    /// What the listing is narrowed to.
    pub(super) fn filter(&self) -> Result<Filter, Error> {
        filter_of(self)
    }

    /// What it is ordered by.
    pub(super) fn orders(&self) -> Result<Vec<(Order, bool)>, Error> {
        orders_of(&self.sort)
    }
}

fn few(field: &'static str, list: &[String]) -> Result<(), Error> {
    let many = || Error::invalid(field, format!("names more than {MOST_NAMED}"));
    if list.len() <= MOST_NAMED { Ok(()) } else { Err(many()) }
}

fn filter_of(query: &LibraryQuery) -> Result<Filter, Error> {
    few("architectures", &query.architectures)?;
    few("excludeScopes", &query.exclude_scopes)?;
    let words =
        |field| Error::invalid(field, "is all, public, private, mine, official, verified or featured");
    let texts = query.filter.iter().chain(&query.category).chain(&query.architectures);
    if texts.into_iter().any(|text| text.contains('\0') || text.chars().count() > LONGEST_TEXT) {
        let why = format!("category and architectures are text of {LONGEST_TEXT} characters at most");
        return Err(Error::invalid("filter", why));
    }
    let part = |part: &Option<String>| part.clone().filter(|part| !part.is_empty());
    let mut filter = Filter {
        name: part(&query.filter),
        category: part(&query.category).map(|category| category.to_lowercase()),
        architectures: query.architectures.iter().map(|one| one.trim().to_lowercase()).collect(),
        ..Filter::default()
    };
    // Who asks for all of them means no filter at all.
    if filter.architectures.iter().any(|one| one == "*") {
        filter.architectures.clear();
    }
    match query.scope.as_deref().unwrap_or("all") {
        "all" | "" => {}
        "public" => filter.reach = Reach::Public,
        "mine" => filter.reach = Reach::Mine,
        "private" => (filter.reach, filter.public) = (Reach::Mine, Some(false)),
        "official" => (filter.reach, filter.official) = (Reach::Public, Some(true)),
        "verified" => (filter.reach, filter.verified) = (Reach::Public, Some(true)),
        "featured" => (filter.reach, filter.featured) = (Reach::Public, Some(true)),
        _ => return Err(words("scope")),
    }
    for scope in &query.exclude_scopes {
        // What is asked for and left out alike is nothing.
        let clash = match scope.as_str() {
            "public" => leave_out(&mut filter.public, true),
            "private" => leave_out(&mut filter.public, false),
            "official" => leave_out(&mut filter.official, true),
            "verified" => leave_out(&mut filter.verified, true),
            "featured" => leave_out(&mut filter.featured, true),
            "mine" => {
                filter.foreign = true;
                false
            }
            "all" => true,
            _ => return Err(words("excludeScopes")),
        };
        filter.nothing |= clash;
    }
    Ok(filter)
}

/// Narrows a field to the other value than `wanted`; true where it was narrowed to that one already.
fn leave_out(field: &mut Option<bool>, unwanted: bool) -> bool {
    if *field == Some(unwanted) {
        return true;
    }
    *field = Some(!unwanted);
    false
}

/// The order of a listing: what makes a library stand out first, dates from the oldest on; a `-` turns it round.
fn orders_of(sort: &[String]) -> Result<Vec<(Order, bool)>, Error> {
    few("sort", sort)?;
    let fields = if sort.is_empty() { &["popularity".to_owned()] } else { sort };
    let order = |field: &String| {
        let (name, turned) = field.strip_prefix('-').map_or((field.as_str(), false), |name| (name, true));
        let (order, descending) = match name {
            "name" => (Order::Name, false),
            "installs" | "popularity" => (Order::Installs, true),
            "official" => (Order::Official, true),
            "verified" => (Order::Verified, true),
            "created" => (Order::Created, false),
            "updated" | "date" => (Order::Updated, false),
            "published" => (Order::Published, false),
            _ => {
                let known =
                    "name, installs, popularity, official, verified, created, updated, date and published";
                return Err(Error::invalid(
                    "sort",
                    format!("knows {known}, with - before it for the other way round"),
                ));
            }
        };
        Ok((order, descending != turned))
    };
    fields.iter().map(order).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(scope: &str, exclude: &[&str]) -> LibraryQuery {
        let exclude_scopes = exclude.iter().map(|&one| one.to_owned()).collect();
        LibraryQuery { scope: Some(scope.into()), exclude_scopes, ..LibraryQuery::default() }
    }

    #[test]
    fn scopes_narrow_and_leave_out() {
        let filter = filter_of(&query("verified", &["official", "mine"])).unwrap();
        assert_eq!(
            (filter.reach, filter.verified, filter.official),
            (Reach::Public, Some(true), Some(false))
        );
        assert!(filter.foreign && !filter.nothing);
        for (scope, exclude) in [("official", "official"), ("private", "private"), ("all", "all")] {
            assert!(filter_of(&query(scope, &[exclude])).unwrap().nothing, "{scope}");
        }
        assert!(filter_of(&query("all", &["public", "private"])).unwrap().nothing);
        assert!(filter_of(&query("everything", &[])).is_err());
        assert!(filter_of(&query("all", &["everything"])).is_err());
    }

    #[test]
    fn orders_are_several_fields_either_way() {
        let sort = ["official", "-installs", "name", "-date"].map(str::to_owned);
        let orders =
            [(Order::Official, true), (Order::Installs, false), (Order::Name, false), (Order::Updated, true)];
        assert_eq!(orders_of(&sort).unwrap(), orders);
        assert_eq!(orders_of(&[]).unwrap(), [(Order::Installs, true)]);
        for bad in ["size", "", "--name", "name; DROP"] {
            assert!(orders_of(&[bad.to_owned()]).is_err());
        }
        assert!(orders_of(&vec!["name".to_owned(); 21]).is_err());
    }
}
