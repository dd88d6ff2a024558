//! Finding the grant that a secret belongs to.

use mote_store::Db;
use mote_store::tokens as rows;
use mote_store::tokens::TokenRow;

use crate::Error;
use crate::keys::{Digest, Digester, Purpose, TokenSecret};

/// Which of a grant's two tokens a secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenUse {
    /// The access token.
    Access,
    /// The refresh token.
    Refresh,
}

/// The grant of an access token, of which one of these digests is kept.
pub(super) fn by_access(db: &mut Db, digests: &[Digest]) -> Result<Option<TokenRow>, Error> {
    for digest in digests {
        let rows = rows::by_access(db, digest.key)?;
        if let Some(row) = rows.into_iter().find(|row| digest.rest_is(&row.access_rest)) {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// The grant of a refresh token, of which one of these digests is kept.
pub(super) fn by_refresh(db: &mut Db, digests: &[Digest]) -> Result<Option<TokenRow>, Error> {
    for digest in digests {
        let rows = rows::by_refresh(db, digest.key)?;
        if let Some(row) = rows.into_iter().find(|row| digest.rest_is(&row.refresh_rest)) {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// A token of which it is not said which of the two it is: what it would be known by as either.
pub(super) struct Either {
    access: Vec<Digest>,
    refresh: Vec<Digest>,
}

impl Either {
    /// None where it is no token at all.
    pub(super) fn parse(token: &str, digester: &Digester) -> Option<Self> {
        let secret = TokenSecret::parse(token)?;
        let digests = |purpose| digester.digests(purpose, secret.bytes());
        Some(Self { access: digests(Purpose::AccessToken), refresh: digests(Purpose::RefreshToken) })
    }

    pub(super) fn find(&self, db: &mut Db) -> Result<Option<(TokenRow, TokenUse)>, Error> {
        if let Some(row) = by_access(db, &self.access)? {
            return Ok(Some((row, TokenUse::Access)));
        }
        Ok(by_refresh(db, &self.refresh)?.map(|row| (row, TokenUse::Refresh)))
    }
}
